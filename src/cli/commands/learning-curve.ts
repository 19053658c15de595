import { resolve } from 'node:path';
import type { Command } from 'commander';
import { FeatureCache } from '../../data/index.js';
import { UserError } from '../../errors.js';
import { learningCurve } from '../../inspector/learning-curve.node.js';
import { addDatasetOptions, datasetArgument, datasetOptions, type DatasetFlags } from '../dataset-options.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { interruptSignal } from '../interrupt.js';
import { reportLearningCurve } from '../learning-curve-report.js';
import { givenMemory, memoryOption, type MemoryFlags } from '../memory-option.js';
import {
  addModelOptions,
  addScheduleOptions,
  type ModelFlags,
  type ScheduleFlags,
} from '../model-options.js';
import type { CommonOptions } from '../output.js';
import { count, seedNumber, wholeNumbers } from '../parse.js';
import { progressLine } from '../progress.js';

interface LearningCurveFlags
  extends CommonOptions, DeviceFlags, DatasetFlags, MemoryFlags, ModelFlags, ScheduleFlags {
  readonly sizes?: readonly number[];
  readonly seeds: number;
  readonly withDefects?: boolean;
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
    .option('--with-defects', 'also say the AUROC of the test images; nothing is chosen by it');
  addScheduleOptions(addModelOptions(command));
  addDatasetOptions(command)
    .option('--no-cache', 'compute the features anew and keep none')
    .addOption(memoryOption())
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
      availableMemory: givenMemory(flags),
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
