import { Option, type Command } from 'commander';
import { mapSizeOf } from '../../backbone/index.js';
import { presetNames, type FlowConfiguration } from '../../csflow/index.js';
import { UsageError } from '../../errors.js';
import { readModelMetadata } from '../../inspector/inspector.js';
import type { ModelMetadata } from '../../inspector/model-metadata.js';
import { resolveSettings } from '../../inspector/settings.js';
import { regionInWords, viewInWords } from '../../report/view-in-words.js';
import { convolutionPlans, recipeNamed } from '../../training/index.js';
import { readModelFile } from '../model-file.js';
import { print, printJson, shown, table, type CommonOptions } from '../output.js';
import { count, imageSize } from '../parse.js';
import { plansJson, plansText } from '../plan-report.js';
import { thresholdLines } from '../threshold-text.js';

interface InfoFlags extends CommonOptions {
  readonly plan?: boolean;
  readonly preset?: string;
  readonly size?: readonly [number, number];
  readonly hidden?: number;
  readonly batch?: number;
}

export function addInfo(program: Command): void {
  program
    .command('info')
    .description('what a model file holds, or how the convolutions of a flow are computed')
    .argument('[model]', 'a model file; with --plan, a size does instead')
    .option(
      '--plan',
      'how each convolution is computed: directly, by kn2row, as Winograd products of which tile',
    )
    .addOption(
      new Option('--preset <name>', 'of a size without a model (default: small)').choices(presetNames),
    )
    .option('--size <HxW>', 'of another size of pictures', imageSize)
    .option('--hidden <n>', 'of other hidden channels', count)
    .option('--batch <n>', 'of another batch than the training has', count)
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  csflow info parts.onnx\n  csflow info --plan --preset small --size 512x512',
    )
    .action((model: string | undefined, flags: InfoFlags) =>
      flags.plan ? showPlans(model, flags) : showModel(model, flags),
    );
}

interface PlannedTraining {
  readonly configuration: FlowConfiguration;
  readonly batch: number;
}

/** The flow of a model file, and the batch it was trained with; a file of an earlier version knows its recipe's. */
async function trainingOf(path: string): Promise<PlannedTraining> {
  const { configuration, training, data } = readModelMetadata(await readModelFile(path), path);
  return {
    configuration: { ...configuration, mapSize: mapSizeOf(configuration.size) },
    batch: training.batch ?? Math.min(recipeNamed(training.recipe).batch, data.trainingImages.length),
  };
}

async function showPlans(model: string | undefined, flags: InfoFlags): Promise<void> {
  const { preset, size, hidden, json } = flags;
  if (model !== undefined && (preset ?? size ?? hidden) !== undefined) {
    throw new UsageError('plan: expected either a model file or --preset, --size and --hidden, got both');
  }
  const settings = resolveSettings({ preset: preset ?? 'small', recipe: 'default', size, hidden });
  const { configuration, batch } =
    model === undefined
      ? { configuration: settings.configuration, batch: settings.recipe.batch }
      : await trainingOf(model);
  const plans = convolutionPlans(configuration, flags.batch ?? batch);
  if (json) printJson(plansJson(plans));
  else print(plansText(plans));
}

async function showModel(path: string | undefined, flags: InfoFlags): Promise<void> {
  for (const name of ['preset', 'size', 'hidden', 'batch'] as const) {
    if (flags[name] !== undefined) throw new UsageError(`${name}: expected together with --plan; add it`);
  }
  if (path === undefined) {
    throw new UsageError('model: expected a model file, got none; name one, or ask for --plan of a size');
  }
  const model = await readModelFile(path);
  const metadata = readModelMetadata(model, path);
  const { configuration, view, roi, training, data, from, calibration, threshold, source } = metadata;
  if (flags.json) {
    printJson({ path, bytes: model.length, ...metadata });
    return;
  }
  const { backbone, size, channels, hidden, kernels, clamp, gamma, usedScales, cross } = configuration;
  const [thresholdText, ...thresholdMore] = thresholdLines(metadata);
  print(
    table([
      ['file', `${path}, ${(model.length / 1e6).toFixed(1)} MB`],
      ['backbone', `${backbone.name}, block ${backbone.layer}, ${channels} channels`],
      ['weights', `${source.backbone}; licence ${source.licence}`],
      ['image size', size.join(' × ')],
      ['looks at', viewInWords(view)],
      ...(roi === undefined ? [] : [['region', regionInWords(roi)]]),
      [
        'flow',
        `${kernels.length} coupling blocks, kernels ${kernels.join(', ')}, hidden ${hidden}, clamp ${clamp}`,
      ],
      ['', `scales ${usedScales.join(', ')}, cross-connections ${cross}, gamma ${gamma ? 'on' : 'off'}`],
      ['training', `preset ${training.preset}, recipe ${training.recipe}, seed ${training.seed}`],
      [
        '',
        `${training.epochs} epochs, ${training.steps} steps, ${Math.round(training.seconds)} s, last loss ${shown(training.finalLoss)}`,
      ],
      ...settingsRows(training),
      ...(from === undefined
        ? []
        : [
            [
              '',
              `went on from the model file of SHA-256 ${from.models.at(-1)}, with ${from.newImages} new images`,
            ],
          ]),
      [
        'data',
        `${data.layout}: ${data.trainingImages.length} images learned from, ` +
          (calibration.method.kind === 'split'
            ? `${data.calibrationImages.length} held out, `
            : `${data.calibrationImages.length} scored in ${calibration.method.folds} folds, `) +
          `${data.skipped} skipped`,
      ],
      ['threshold', thresholdText],
      ...thresholdMore.map((line) => ['', line]),
      [
        'map',
        `${configuration.mapCombination} of the scales; regions above ${shown(threshold.pixel.value)}, ` +
          `where ${shown(threshold.pixel.pValue, 2)} of good pixels are`,
      ],
      ['good scores', `${shown(calibration.scores[0])} to ${shown(calibration.scores.at(-1)!)}`],
    ]),
  );
}

/** What files of earlier versions do not say is left out. */
function settingsRows({
  learningRate,
  batch,
  createdBy,
  runtime,
}: ModelMetadata['training']): readonly (readonly string[])[] {
  const rows: string[][] = [];
  if (learningRate !== undefined && batch !== undefined) {
    rows.push(['', `learning rate up to ${shown(learningRate)}, batch ${batch}`]);
  }
  const versions =
    runtime === undefined ? '' : `, ONNX Runtime ${runtime.onnxruntime}, Node.js ${runtime.node}`;
  rows.push(['', `with ${createdBy}${versions}`]);
  return rows;
}
