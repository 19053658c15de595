import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { backboneNames, type BackboneName } from '../../backbone/index.js';
import { presetNames } from '../../csflow/index.js';
import { FeatureCache } from '../../data/index.js';
import { UserError } from '../../errors.js';
import { learningCurve } from '../../inspector/learning-curve.node.js';
import { recipeNames } from '../../training/index.js';
import { addDatasetOptions, datasetArgument, datasetOptions, type DatasetFlags } from '../dataset-options.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { interruptSignal } from '../interrupt.js';
import { reportLearningCurve } from '../learning-curve-report.js';
import type { CommonOptions } from '../output.js';
import { count, imageSize, seedNumber, wholeNumbers } from '../parse.js';
import { progressLine } from '../progress.js';

interface LearningCurveFlags extends CommonOptions, DeviceFlags, DatasetFlags {
  readonly sizes?: readonly number[];
  readonly seeds: number;
  readonly withDefects?: boolean;
  readonly preset: string;
  readonly recipe: string;
  readonly backbone?: BackboneName;
  readonly backboneWeights?: string;
  readonly size?: readonly [number, number];
  readonly epochs?: number;
  readonly cache: boolean;
}

export function addLearningCurve(program: Command): void {
  const command = program
    .command('learning-curve')
    .description('would more photos help? Trains on growing shares of the good photos and measures on others')
    .argument('<data>', datasetArgument)
    .option('--sizes <list>', 'numbers of photos to learn from, such as 10,20,50', wholeNumbers)
    .option('--seeds <n>', 'how often everything is drawn anew', count, 3)
    .option('--seed <n>', 'the first seed', seedNumber, 0)
    .option('--with-defects', 'also say the AUROC of the test images; nothing is chosen by it')
    .addOption(new Option('--preset <name>', 'how large the model is').choices(presetNames).default('small'))
    .addOption(new Option('--recipe <name>', 'how it is trained').choices(recipeNames).default('default'))
    .addOption(new Option('--backbone <name>', 'the network that gives the features').choices(backboneNames))
    .option('--backbone-weights <file>', 'its weights (default: those that come with csflow)')
    .option(
      '--size <HxW>',
      'size the pictures are resized to; the nearest multiples of 128 are taken',
      imageSize,
    )
    .option('--epochs <n>', 'passes over the images (default: of the preset, more for few images)', count);
  addDatasetOptions(command)
    .option('--no-cache', 'compute the features anew and keep none')
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  csflow learning-curve photos/good --sizes 10,20,50 --seeds 3')
    .action(runLearningCurve);
}

async function runLearningCurve(data: string, flags: LearningCurveFlags): Promise<void> {
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const device = await openDevice(flags);
  const interrupt = interruptSignal(() => progress.say('stopping …'));
  try {
    const curve = await learningCurve({
      ...flags,
      data: resolve(data),
      backboneWeights: flags.backboneWeights === undefined ? undefined : resolve(flags.backboneWeights),
      dataset: datasetOptions(flags),
      device,
      cache: flags.cache ? new FeatureCache() : undefined,
      onEvent: progress.listen,
      signal: interrupt.signal,
    });
    progress.done();
    reportLearningCurve(curve, flags.json ?? false);
  } catch (error) {
    if (error === interrupt.signal.reason) {
      throw new UserError('interrupted; the features computed so far are cached, nothing else is kept');
    }
    throw error;
  } finally {
    progress.done();
    interrupt.dispose();
    await device.close();
  }
}
