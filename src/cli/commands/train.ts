import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { backboneNames, type BackboneName } from '../../backbone/index.js';
import { crossScaleKinds, presetNames, type CrossScale } from '../../csflow/index.js';
import { FeatureCache } from '../../data/index.js';
import { train, type TrainedModel } from '../../inspector/train.node.js';
import { recipeNames } from '../../training/index.js';
import { checkWritable, writeWhole } from '../../write-file.node.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { summariseSkipped } from '../skipped.js';
import { interruptSignal } from '../interrupt.js';
import { print, printJson, shown, type CommonOptions } from '../output.js';
import {
  count,
  imageSize,
  numberFromZero,
  pattern,
  positiveNumber,
  seedNumber,
  share,
  wholeNumber,
  wholeNumbers,
} from '../parse.js';
import { progressLine, showDuration } from '../progress.js';

interface TrainFlags extends CommonOptions, DeviceFlags {
  readonly out: string;
  readonly preset: string;
  readonly recipe: string;
  readonly backbone?: BackboneName;
  readonly backboneWeights?: string;
  readonly size?: readonly [number, number];
  readonly layer?: number;
  readonly hidden?: number;
  readonly blocks?: number;
  readonly kernels?: readonly number[];
  readonly scales?: 'all' | '0' | '1' | '2';
  readonly cross?: CrossScale;
  readonly gamma: boolean;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly clamp?: number;
  readonly seed: number;
  readonly falseReject: number;
  readonly split: 'group' | 'random';
  readonly group?: RegExp;
  readonly cache: boolean;
  readonly resume?: boolean;
}

export function addTrain(program: Command): void {
  program
    .command('train')
    .description(
      'learn what good parts look like, set the threshold on good parts held out, write the model file',
    )
    .argument('<data>', 'a data set (MVTec AD, magnetic tiles) or a folder of good images')
    .requiredOption('-o, --out <file>', 'the model file to write')
    .addOption(new Option('--preset <name>', 'how large the model is').choices(presetNames).default('small'))
    .addOption(new Option('--recipe <name>', 'how it is trained').choices(recipeNames).default('default'))
    .addOption(new Option('--backbone <name>', 'the network that gives the features').choices(backboneNames))
    .option(
      '--backbone-weights <file>',
      'its weights: a PyTorch state dict or a safetensors file (default: those that come with csflow)',
    )
    .option('--size <HxW>', 'size the pictures are resized to; multiples of 128', imageSize)
    .option('--layer <n>', 'block of the backbone that gives the features', wholeNumber)
    .option('--hidden <n>', 'hidden channels of the cross-convolutions', count)
    .option('--blocks <n>', 'coupling blocks: kernels 3, the last 5', count)
    .option('--kernels <list>', 'kernel side of each coupling block, such as 3,3,3,5', wholeNumbers)
    .addOption(new Option('--scales <which>', 'which scales the flow reads').choices(['all', '0', '1', '2']))
    .addOption(new Option('--cross <how>', 'how the scales work together').choices(crossScaleKinds))
    .option('--no-gamma', 'leave out the learned factor of each subnet output')
    .option('--epochs <n>', 'passes over the images (default: of the preset, more for few images)', count)
    .option('--minutes <n>', 'time for the whole; the schedule is shortened to fit', positiveNumber)
    .option('--batch <n>', 'images a step', count)
    .option('--learning-rate <x>', 'highest learning rate', positiveNumber)
    .option('--clamp <x>', 'bound of the log-scale, 0 for none', numberFromZero)
    .option('--seed <n>', 'draws the split, the weights and the order', seedNumber, 0)
    .option('--false-reject <share>', 'wanted share of good parts rejected', share, 0.01)
    .addOption(
      new Option('--split <how>', 'how good images are split').choices(['group', 'random']).default('group'),
    )
    .option('--group <regex>', 'names the part in a file name: pictures of a part stay together', pattern)
    .option('--no-cache', 'compute the features anew and keep none')
    .option('--resume', 'go on from the checkpoint of an interrupted training')
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExample:\n  csflow train photos/good --out parts.onnx --size 384x384 --minutes 10',
    )
    .action(runTrain);
}

async function runTrain(data: string, flags: TrainFlags): Promise<void> {
  const out = resolve(flags.out);
  await checkWritable(out);
  const checkpoint = `${out}.checkpoint`;
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const device = await openDevice(flags);
  const interrupt = interruptSignal(() => progress.say('stopping …'));
  let saved = false;
  let result: TrainedModel;
  try {
    result = await train({
      ...flags,
      data: resolve(data),
      backboneWeights: flags.backboneWeights === undefined ? undefined : resolve(flags.backboneWeights),
      dataset: { split: flags.split, seed: flags.seed, groupPattern: flags.group },
      falseRejectRate: flags.falseReject,
      device,
      cache: flags.cache ? new FeatureCache() : undefined,
      checkpoint,
      onEvent(event) {
        if (event.kind === 'checkpoint') saved = true;
        progress.listen(event);
      },
      signal: interrupt.signal,
    });
  } catch (error) {
    throw interrupt.explain(error, saved ? checkpoint : undefined);
  } finally {
    progress.done();
    interrupt.dispose();
    await device.close();
  }
  await writeWhole(out, result.model);
  await rm(checkpoint, { force: true });
  report(out, result, flags.json ?? false);
}

function report(out: string, { model, metadata, skipped, testImages }: TrainedModel, json: boolean): void {
  const { training, data, threshold } = metadata;
  if (json) {
    printJson({
      model: out,
      bytes: model.length,
      training_images: data.trainingImages.length,
      calibration_images: data.calibrationImages.length,
      calibration_parts: data.calibrationGroups,
      test_images: testImages,
      skipped: skipped.length,
      skipped_reasons: summariseSkipped(skipped),
      epochs: training.epochs,
      steps: training.steps,
      loss: training.finalLoss,
      seconds: training.seconds,
      seed: training.seed,
      threshold: threshold.value,
      false_reject_rate: threshold.falseRejectRate,
      enough_calibration_images: threshold.enough,
    });
    return;
  }
  print(`model       ${out} (${(model.length / 1e6).toFixed(1)} MB)`);
  print(
    `learned     from ${data.trainingImages.length} good images in ${showDuration(training.seconds)}, ` +
      `${training.steps} steps, last loss ${shown(training.finalLoss)}`,
  );
  const parts =
    data.calibrationGroups < data.calibrationImages.length ? ` of ${data.calibrationGroups} parts` : '';
  print(
    `threshold   ${shown(threshold.value)}, for ${threshold.falseRejectRate * 100} % of good parts rejected, ` +
      `from ${data.calibrationImages.length} good images${parts} held out`,
  );
  if (!threshold.enough) {
    print(
      `            too few to know that rate: at least ${threshold.neededImages} held out are needed, ` +
        `about ${goodImagesFor(metadata)} good training images in all; the highest score among them is used`,
    );
  }
  if (testImages > 0) print(`test        ${testImages} images kept apart for csflow evaluate`);
  for (const { reason, count } of summariseSkipped(skipped)) print(`skipped     ${count}: ${reason}`);
}

/** How many good training images it takes to hold enough of them out. */
function goodImagesFor({ data, threshold }: TrainedModel['metadata']): number {
  const all = data.trainingImages.length + data.calibrationImages.length;
  return Math.ceil((threshold.neededImages * all) / data.calibrationImages.length);
}
