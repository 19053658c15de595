import {
  defaultLayer,
  featureChannels,
  mapSizeOf,
  nearestImageSize,
  type BackboneChoice,
  type BackboneName,
} from '../backbone/index.js';
import {
  allScales,
  checkConfiguration,
  presetNamed,
  type CrossScale,
  type FlowConfiguration,
} from '../csflow/index.js';
import { UsageError } from '../errors.js';
import { recipeNamed, type Recipe } from '../training/index.js';
import { checkTiling, defaultOverlap, type TileScore, type View } from '../view/index.js';

/** What a user may set for a training; what is left out comes from the preset and the recipe. */
export interface TrainingChoices {
  /** Default `small`. */
  readonly preset?: string;
  /** Default `default`. */
  readonly recipe?: string;
  readonly backbone?: BackboneName;
  /** Taken as the nearest size whose sides are multiples of 128; default: the tile's, else the preset's. */
  readonly size?: readonly [height: number, width: number];
  /** Look at pictures in tiles of so many of their pixels; default: at the whole at once. */
  readonly tile?: readonly [height: number, width: number];
  /** Share of a tile's side that its neighbour covers too; default 0.25. */
  readonly overlap?: number;
  /** How the tiles' scores make the picture's; default `maximum`. */
  readonly tileScore?: TileScore;
  readonly layer?: number;
  readonly hidden?: number;
  /** Kernel side of each coupling block. */
  readonly kernels?: readonly number[];
  /** Number of coupling blocks: all but the last with kernel 3, the last with 5. Not together with `kernels`. */
  readonly blocks?: number;
  /** `all`, or the one scale that is read. */
  readonly scales?: 'all' | '0' | '1' | '2';
  /** How the scales work together; default `full`. */
  readonly cross?: CrossScale;
  /** Whether each subnet output has its learned factor; default true. */
  readonly gamma?: boolean;
  readonly epochs?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly clamp?: number;
}

/** Everything about a training that does not depend on its data. */
export interface TrainingSettings {
  /** Names of the preset and the recipe. */
  readonly names: { readonly preset: string; readonly recipe: string };
  readonly backbone: BackboneChoice;
  /** Height and width that pictures, or their tiles, are resized to. */
  readonly size: readonly [height: number, width: number];
  readonly view: View;
  readonly configuration: FlowConfiguration;
  readonly recipe: Recipe;
  /** Passes over the images, or more where these are fewer than `minimumSteps` steps. */
  readonly epochs: number;
  readonly minimumSteps: number;
}

/** @throws UsageError naming the first setting out of bounds */
export function resolveSettings(choices: TrainingChoices): TrainingSettings {
  const names = { preset: choices.preset ?? 'small', recipe: choices.recipe ?? 'default' };
  const preset = presetNamed(names.preset);
  const recipe = recipeNamed(names.recipe);
  const view = viewOf(choices);
  const size = nearestImageSize(choices.size ?? choices.tile ?? preset.size);
  const name = choices.backbone ?? preset.backbone.name;
  const layer = name === preset.backbone.name ? preset.backbone.layer : defaultLayer(name);
  const backbone = { name, layer: choices.layer ?? layer };
  const configuration: FlowConfiguration = {
    channels: featureChannels(backbone),
    mapSize: mapSizeOf(size),
    hidden: choices.hidden ?? preset.hidden,
    kernels: kernelsOf(choices) ?? preset.kernels,
    clamp: choices.clamp ?? preset.clamp,
    gamma: choices.gamma ?? true,
    usedScales:
      choices.scales === undefined || choices.scales === 'all' ? allScales : [Number(choices.scales)],
    cross: choices.cross ?? 'full',
  };
  checkConfiguration(configuration);
  const { epochs, minimumSteps } = preset;
  const usual =
    recipe.epochs === undefined ? { epochs, minimumSteps } : { epochs: recipe.epochs, minimumSteps: 1 };
  return { names, backbone, size, view, configuration, ...resolveSchedule(choices, recipe, usual) };
}

/** How long and how fast, where the user says nothing else. */
export function resolveSchedule(
  choices: TrainingChoices,
  recipe: Recipe,
  usual: Pick<TrainingSettings, 'epochs' | 'minimumSteps'>,
): Pick<TrainingSettings, 'recipe' | 'epochs' | 'minimumSteps'> {
  const epochs = choices.epochs ?? usual.epochs;
  const batch = choices.batch ?? recipe.batch;
  const learningRate = choices.learningRate ?? recipe.schedule.learningRate;
  demandWhole('epochs', epochs);
  demandWhole('batch', batch);
  if (!(learningRate > 0 && Number.isFinite(learningRate))) {
    throw new UsageError(`learning-rate: expected a number above 0, got ${learningRate}`);
  }
  const schedule = { ...recipe.schedule, learningRate };
  const minimumSteps = choices.epochs === undefined ? usual.minimumSteps : 1;
  return { recipe: { ...recipe, batch, schedule }, epochs, minimumSteps };
}

function viewOf({ tile, overlap, tileScore }: TrainingChoices): View {
  if (tile === undefined) {
    const [name] =
      Object.entries({ overlap, 'tile-score': tileScore }).find(([, value]) => value !== undefined) ?? [];
    if (name !== undefined) throw new UsageError(`${name}: expected together with tile; give both or none`);
    return { kind: 'whole' };
  }
  const tiling = { tile, overlap: overlap ?? defaultOverlap };
  checkTiling(tiling);
  return { kind: 'tiles', ...tiling, score: tileScore ?? 'maximum' };
}

/** @throws UsageError for both `kernels` and `blocks` */
export function kernelsOf({ kernels, blocks }: TrainingChoices): readonly number[] | undefined {
  if (blocks === undefined) return kernels;
  if (kernels !== undefined)
    throw new UsageError('blocks: expected either blocks or kernels, got both; give one');
  demandWhole('blocks', blocks);
  return [...new Array<number>(blocks - 1).fill(3), 5];
}

/** The passes that a training of so many images takes. */
export function epochsFor({ epochs, minimumSteps, recipe }: TrainingSettings, images: number): number {
  const stepsPerEpoch = Math.ceil(images / recipe.batch);
  return Math.max(epochs, Math.ceil(minimumSteps / stepsPerEpoch));
}

function demandWhole(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`${name}: expected a whole number from 1, got ${value}`);
  }
}
