import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { contentDigest, leakageWarnings, openDataset } from '../../data/index.js';
import { UsageError } from '../../errors.js';
import {
  goodScoresChoices,
  thresholdFromImages,
  thresholdOf,
  type GoodScoresChoice,
  type ImagesThreshold,
  type ImagesWish,
  type ThresholdWish,
} from '../../inspector/choose-threshold.js';
import { seenWarnings } from '../../inspector/evaluate.node.js';
import { openInspector, readModelMetadata } from '../../inspector/inspector.js';
import { withThreshold } from '../../inspector/model-threshold.js';
import { knownParts } from '../../inspector/remembered-parts.node.js';
import { scoreTestImages } from '../../inspector/score-test-images.node.js';
import { checkWritable, writeWhole } from '../../write-file.node.js';
import { addDatasetOptions, datasetOptions, type DatasetFlags } from '../dataset-options.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { interruptSignal } from '../interrupt.js';
import { readModelFile } from '../model-file.js';
import type { CommonOptions } from '../output.js';
import { count, number, positiveNumber, seedNumber, share } from '../parse.js';
import { countingProgress, progressLine } from '../progress.js';
import { reportThreshold, reportThresholds, type ScoredKnown } from '../threshold-report.js';

interface ThresholdFlags extends CommonOptions, DeviceFlags, DatasetFlags {
  readonly falseReject?: number;
  readonly value?: number;
  readonly costMissed?: number;
  readonly costRejected?: number;
  readonly defectShare?: number;
  readonly f1?: boolean;
  readonly goodScores?: GoodScoresChoice;
  readonly data?: string;
  readonly out?: string;
}

export function addThreshold(program: Command): void {
  const command = program
    .command('threshold')
    .description('show what thresholds a model can have, or write it with another one')
    .argument('<model>', 'a model file')
    .option('--false-reject <share>', 'reject so many good parts, by the scores kept from training', share)
    .option('--value <x>', 'reject where the score is above x', number)
    .option(
      '--cost-missed <c>',
      'least cost: of a defective part accepted; with --cost-rejected',
      positiveNumber,
    )
    .option('--cost-rejected <c>', '… of a good part rejected, in the same unit', positiveNumber)
    .option('--defect-share <p>', '… share of parts that are defective (default: as in the data)', share)
    .option('--f1', 'the largest F1')
    .option('--data <dir>', 'the data set whose test images choose the least cost or the largest F1')
    .addOption(
      new Option(
        '--good-scores <of>',
        'the good images that choose: of the test images, kept from training, or both (default: test)',
      ).choices(goodScoresChoices),
    )
    .option('-o, --out <file>', 'the model file to write; may be the same');
  addDatasetOptions(command)
    .option('--seed <n>', 'the seed of a random split', seedNumber, 0)
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExamples:\n  csflow threshold parts.onnx\n  csflow threshold parts.onnx --false-reject 0.005 --out strict.onnx\n' +
        '  csflow threshold parts.onnx --cost-missed 100 --cost-rejected 1 --defect-share 0.01 --data photos --out parts.onnx',
    )
    .action(runThreshold);
}

async function runThreshold(path: string, flags: ThresholdFlags, command: Command): Promise<void> {
  const wish = wishOf(flags);
  if (flags.data === undefined) refuseDataOptions(command);
  const model = await readModelFile(path);
  const metadata = readModelMetadata(model, path);
  const json = flags.json ?? false;
  if (wish === undefined) {
    reportThresholds(path, metadata, json);
    return;
  }
  const out = flags.out === undefined ? undefined : resolve(flags.out);
  if (out !== undefined) await checkWritable(out);
  const known =
    wish.kind === 'rate' || wish.kind === 'value' ? undefined : await scoredKnown(model, path, flags);
  const found: Pick<ImagesThreshold, 'threshold'> & Partial<ImagesThreshold> =
    wish.kind === 'rate' || wish.kind === 'value'
      ? { threshold: thresholdOf(metadata, wish) }
      : thresholdFromImages(metadata, wish, known!.known);
  if (out !== undefined) await writeWhole(out, withThreshold(model, found.threshold, path));
  reportThreshold(metadata, found, known, out, json);
}

/** Options that say how test images are found and scored. */
const dataOptions = ['group', 'good', 'defective', 'split', 'seed', 'device', 'threads'] as const;

/** @throws UsageError for the first of them that was given */
function refuseDataOptions(command: Command): void {
  const given = dataOptions.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const why = given === 'group' ? '; the parts of the calibration are fixed by training' : '';
  throw new UsageError(
    `${given}: expected together with --data, got none${why}; add --data, or leave it out`,
  );
}

/** @throws UsageError for wishes that do not go together */
function wishOf(flags: ThresholdFlags): ThresholdWish | undefined {
  const { falseReject, value, costMissed, costRejected, defectShare, f1, data, out } = flags;
  const { goodScores } = flags;
  const cost = costMissed ?? costRejected;
  const wishes = [falseReject, value, cost, f1].filter((wish) => wish !== undefined);
  if (wishes.length > 1) {
    throw new UsageError(
      'threshold: expected one of --false-reject, --value, --cost-missed with --cost-rejected, and --f1, got ' +
        `${wishes.length} of them`,
    );
  }
  if (cost === undefined && defectShare !== undefined) {
    throw new UsageError('defect-share: expected together with --cost-missed and --cost-rejected; add them');
  }
  if (cost === undefined && !f1) {
    const extra = data === undefined ? goodScores && 'good-scores' : 'data';
    if (extra) {
      throw new UsageError(
        `${extra}: expected together with --f1 or --cost-missed and --cost-rejected; add them`,
      );
    }
    if (falseReject !== undefined) return { kind: 'rate', falseRejectRate: falseReject };
    if (value !== undefined) return { kind: 'value', value };
    if (out === undefined) return undefined;
    throw new UsageError('out: expected together with a threshold to write, such as --false-reject 0.005');
  }
  if (data === undefined) {
    throw new UsageError(
      'data: expected a data set whose test images show defective parts, got none; name it with --data',
    );
  }
  if (f1) return { kind: 'f1', goodScores: goodScores ?? 'test' };
  if (costMissed === undefined || costRejected === undefined) {
    throw new UsageError(
      `cost-${costMissed === undefined ? 'missed' : 'rejected'}: expected both costs, got one; add it`,
    );
  }
  const costs = { missed: costMissed, rejected: costRejected, defectShare };
  return { kind: 'cost', ...costs, goodScores: goodScores ?? 'test' } satisfies ImagesWish;
}

async function scoredKnown(model: Uint8Array, path: string, flags: ThresholdFlags): Promise<ScoredKnown> {
  const dataset = await openDataset(resolve(flags.data!), {
    ...datasetOptions(flags),
    needsTraining: false,
    known: knownParts(readModelMetadata(model, path)),
  });
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const device = await openDevice(flags);
  const interrupt = interruptSignal(() => progress.say('stopping …'));
  try {
    const inspector = await openInspector(model, device, path, { parallel: true });
    const { scored, skipped, leftOut } = await scoreTestImages(inspector, dataset.images, {
      onEvent: progress.listen,
      signal: interrupt.signal,
    });
    const leaks = await leakageWarnings(dataset, {
      onPicture: countingProgress('looking', progress.listen),
    });
    const images = scored.map(({ image, digest, score }) => ({
      digest,
      score,
      defective: image.label === 'defective',
    }));
    const digest = contentDigest(JSON.stringify(images.map((image) => image.digest).sort()));
    return {
      known: { images, digest },
      skipped: [...dataset.skipped, ...skipped],
      leftOut,
      warnings: [...leaks, ...seenWarnings(leftOut)],
    };
  } finally {
    progress.done();
    interrupt.dispose();
    await device.close();
  }
}
