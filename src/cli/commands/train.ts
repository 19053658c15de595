import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import {
  crossScaleKinds,
  defaultMapCombination,
  mapCombinations,
  type CrossScale,
  type MapCombination,
} from '../../csflow/index.js';
import { FeatureCache, trainingWarnings } from '../../data/index.js';
import { UsageError } from '../../errors.js';
import type { CalibrationMethod } from '../../inspector/calibration-plan.node.js';
import { removeCheckpoint } from '../../inspector/checkpoint-file.node.js';
import { forecastTraining } from '../../inspector/forecast.node.js';
import { train, type TrainedModel, type TrainOptions } from '../../inspector/train.node.js';
import { checkWritable, writeWhole } from '../../write-file.node.js';
import { addDatasetOptions, datasetArgument, datasetOptions, type DatasetFlags } from '../dataset-options.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { interruptSignal } from '../interrupt.js';
import { givenMemory, memoryOption, type MemoryFlags } from '../memory-option.js';
import {
  addModelOptions,
  addScheduleOptions,
  type ModelFlags,
  type ScheduleFlags,
} from '../model-options.js';
import type { CommonOptions } from '../output.js';
import { count, positiveNumber, seedNumber, share } from '../parse.js';
import { countingProgress, progressLine } from '../progress.js';
import { reportForecast, reportTraining } from '../training-report.js';

interface TrainFlags
  extends CommonOptions, DeviceFlags, DatasetFlags, MemoryFlags, ModelFlags, ScheduleFlags {
  readonly out: string;
  readonly from?: string;
  readonly scales?: 'all' | '0' | '1' | '2';
  readonly cross?: CrossScale;
  readonly gamma: boolean;
  readonly map?: MapCombination;
  readonly minutes?: number;
  readonly falseReject?: number;
  readonly calibrate: 'split' | 'cross';
  readonly folds?: number;
  readonly cache: boolean;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
}

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description(
      'learn what good parts look like, set the threshold on good parts held out, write the model file',
    )
    .argument('<data>', datasetArgument)
    .requiredOption('-o, --out <file>', 'the model file to write')
    .option(
      '--from <file>',
      'a model file to go on from: its size and shape are kept, new good images are learned with a quarter of the epochs ' +
        'and 0.3 of the learning rate; images it has learned from may lie among them and never set the threshold',
    );
  addModelOptions(command)
    .addOption(new Option('--scales <which>', 'which scales the flow reads').choices(['all', '0', '1', '2']))
    .addOption(new Option('--cross <how>', 'how the scales work together').choices(crossScaleKinds))
    .option('--no-gamma', 'leave out the learned factor of each subnet output')
    .addOption(
      new Option(
        '--map <how>',
        `how the scales' maps become the anomaly map (default: ${defaultMapCombination})`,
      ).choices(mapCombinations),
    );
  addScheduleOptions(command)
    .option('--minutes <n>', 'time for the whole; the schedule is shortened to fit', positiveNumber)
    .option('--seed <n>', 'draws the split, the weights and the order', seedNumber, 0)
    .option(
      '--false-reject <share>',
      'wanted share of good parts rejected (default: that of --from, else 0.01)',
      share,
    )
    .addOption(
      new Option(
        '--calibrate <how>',
        'split: 15 % of the good parts are held out to set the threshold; cross: a flow for each fold scores the parts ' +
          'held out of it, then the model learns from all, which takes about as many times as long as there are folds',
      )
        .choices(['split', 'cross'])
        .default('split'),
    )
    .option('--folds <n>', 'folds of --calibrate cross (default: 5)', count);
  addDatasetOptions(command)
    .option('--no-cache', 'compute the features anew and keep none')
    .option('--resume', 'go on from the checkpoint of an interrupted training')
    .addOption(memoryOption())
    .option('--dry-run', 'say what memory and time it would take, and train nothing')
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExamples:\n  csflow train photos/good --out parts.onnx --size 384x384 --minutes 10' +
        '\n  csflow train photos/good --from parts.onnx --out newer.onnx',
    )
    .action(runTrain);
}

async function runTrain(data: string, flags: TrainFlags): Promise<void> {
  const calibration = calibrationMethod(flags);
  const out = resolve(flags.out);
  await checkWritable(out);
  const checkpoint = `${out}.checkpoint`;
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const device = await openDevice(flags);
  const interrupt = interruptSignal(() => progress.say('stopping …'));
  let saved = flags.resume ?? false;
  const options: TrainOptions = {
    ...flags,
    data: resolve(data),
    from: flags.from === undefined ? undefined : resolve(flags.from),
    backboneWeights: flags.backboneWeights === undefined ? undefined : resolve(flags.backboneWeights),
    dataset: datasetOptions(flags),
    falseRejectRate: flags.falseReject,
    calibration,
    availableMemory: givenMemory(flags),
    device,
    cache: flags.cache ? new FeatureCache() : undefined,
    checkpoint,
    onEvent(event) {
      if (event.kind === 'checkpoint' || event.kind === 'folds') saved = true;
      progress.listen(event);
    },
    signal: interrupt.signal,
  };
  let result: TrainedModel;
  try {
    if (flags.dryRun) {
      progress.say('trying some pictures and steps …');
      reportForecast(await forecastTraining(options), flags.json ?? false);
      return;
    }
    result = await train(options);
  } catch (error) {
    throw interrupt.explain(error, saved ? checkpoint : undefined);
  } finally {
    progress.done();
    interrupt.dispose();
    await device.close();
  }
  await writeWhole(out, result.model);
  await removeCheckpoint(checkpoint);
  const warnings = await trainingWarnings(result.dataset, {
    onPicture: countingProgress('looking', progress.listen),
  });
  progress.done();
  reportTraining(out, result, warnings, {
    json: flags.json ?? false,
    askedSize: flags.size ?? flags.tile,
    askedRate: flags.falseReject,
  });
}

function calibrationMethod({ calibrate, folds }: TrainFlags): CalibrationMethod {
  if (calibrate === 'cross') return { kind: 'cross', folds };
  if (folds !== undefined) throw new UsageError('folds: expected together with --calibrate cross; add it');
  return { kind: 'split' };
}
