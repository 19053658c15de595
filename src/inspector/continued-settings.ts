import { nearestImageSize } from '../backbone/index.js';
import { presetNamed } from '../csflow/index.js';
import { UsageError } from '../errors.js';
import { recipeNamed, type Recipe, type Schedule } from '../training/index.js';
import type { ReadModel } from './read-flow.js';
import { kernelsOf, resolveSchedule, type TrainingChoices, type TrainingSettings } from './settings.js';

/**
 * A flow that knows good parts needs fewer passes over new ones than one that starts anew, and smaller steps, so that it
 * does not forget.
 */
const shareOfEpochs = 0.25;
const shareOfPeakRate = 0.3;

type Setting = string | number | boolean | readonly number[];

/**
 * The settings of a training that goes on from an earlier model: its own, with a quarter of its preset's epochs and 0.3
 * of the recipe's highest learning rate (a constant one stays). Epochs, batch and learning rate may be chosen.
 * @param source names the model in errors
 * @throws UsageError for a choice that the model is made otherwise, or one out of bounds
 */
export function continuedSettings(
  choices: TrainingChoices,
  { metadata, flow: { configuration } }: Pick<ReadModel, 'metadata' | 'flow'>,
  source: string,
): TrainingSettings {
  const { backbone, size } = metadata.configuration;
  const { preset: presetName, recipe: recipeName } = metadata.training;
  const { hidden, kernels, clamp, gamma, usedScales = [], cross = 'full' } = configuration;
  const same = (name: string, chosen: Setting | undefined, has: Setting): void => {
    if (chosen === undefined || String(chosen) === String(has)) return;
    throw new UsageError(
      `${name}: expected ${String(has)}, as ${source} has, got ${String(chosen)}; leave it out, or train anew without --from`,
    );
  };
  same('preset', choices.preset, presetName);
  same('recipe', choices.recipe, recipeName);
  same('backbone', choices.backbone, backbone.name);
  same('layer', choices.layer, backbone.layer);
  // As a first training takes it: a model of 1280x512 is what 1250x500 made.
  const asked = choices.size && nearestImageSize(choices.size).join('x');
  same('size', asked === size.join('x') ? asked : choices.size?.join('x'), size.join('x'));
  const tiles = metadata.view.kind === 'tiles' ? metadata.view : undefined;
  same('tile', choices.tile?.join('x'), tiles?.tile.join('x') ?? 'no tiles');
  same('overlap', choices.overlap, tiles?.overlap ?? 'no tiles');
  same('tile-score', choices.tileScore, tiles?.score ?? 'no tiles');
  same('hidden', choices.hidden, hidden);
  same(choices.blocks === undefined ? 'kernels' : 'blocks', kernelsOf(choices), kernels);
  same('scales', choices.scales, usedScales.length === 1 ? usedScales[0] : 'all');
  same('cross', choices.cross, cross);
  same('clamp', choices.clamp, clamp);
  // Left out, it is on: only that it is to be off is a choice.
  if (choices.gamma === false) same('gamma', false, gamma);
  const preset = presetNamed(presetName);
  const recipe = recipeNamed(recipeName);
  const usual = {
    epochs: Math.ceil(shareOfEpochs * (recipe.epochs ?? preset.epochs)),
    minimumSteps: recipe.epochs === undefined ? Math.ceil(shareOfEpochs * preset.minimumSteps) : 1,
  };
  return {
    names: { preset: presetName, recipe: recipeName },
    backbone,
    size,
    view: metadata.view,
    configuration,
    ...resolveSchedule(choices, gentler(recipe), usual),
  };
}

function gentler(recipe: Recipe): Recipe {
  const { schedule } = recipe;
  return { ...recipe, schedule: gentlerSchedule(schedule) };
}

function gentlerSchedule(schedule: Schedule): Schedule {
  switch (schedule.kind) {
    case 'constant':
      return schedule;
    case 'one-cycle':
      return { ...schedule, learningRate: shareOfPeakRate * schedule.learningRate };
  }
}
