import { imageFeatures } from '../backbone/index.js';
import type { BackboneWeights } from '../backbone/weights.node.js';
import type { FlowConfiguration } from '../csflow/index.js';
import { evenlySpread } from '../data/index.js';
import type { DatasetImage } from '../data/types.js';
import { UserError } from '../errors.js';
import { input, topologicalOrder } from '../graph/index.js';
import type { Device } from '../runtime/session.js';
import { openTrialStep, parameterCount } from '../training/index.js';
import { availableMemory } from './available-memory.node.js';
import { demandMemory, loadOf } from './demand-memory.node.js';
import {
  extractFeatures,
  picturesUnderWay,
  uncachedPictures,
  type ExtractionOptions,
} from './extract-features.node.js';
import { prepareTraining } from './prepare-training.node.js';
import { epochsFor, type TrainingSettings } from './settings.js';
import { secondsForSteps, type TrainOptions } from './train.node.js';
import { countSamples } from './training-memory.node.js';

/** What a training will take, before it is begun. Bytes and seconds. */
export interface Forecast {
  readonly trainingImages: number;
  /** Those images, or their tiles where the model looks at tiles. */
  readonly trainingSamples: number;
  readonly calibrationImages: number;
  readonly parameters: number;
  readonly modelBytes: number;
  readonly peakMemory: number;
  readonly availableMemory: number;
  /** Training and calibration images whose features are not cached, so that they are computed. */
  readonly uncachedImages: number;
  /** Of the features of one of those; 0 where there are none. */
  readonly secondsPerImage: number;
  readonly secondsPerStep: number;
  /** As many as `minutes` allows, the last perhaps in part. */
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly secondsPerEpoch: number;
  /** Flows that are trained: one, or with cross-calibration one a fold besides. */
  readonly flows: number;
  /** Features that are not cached, the steps of all flows, and making their programs ready. */
  readonly seconds: number;
}

/** Pictures a lane that are timed. */
const timedPictures = 5;
const warmUpSteps = 1;
/** Steps are timed until so much time has passed, but so many of them. */
const timedSeconds = 3;
const [fewestSteps, mostSteps] = [3, 200];
/** Of a longer epoch the smaller last batch is too little to be timed. */
const shortEpoch = 8;

/**
 * Predicts memory by counting what the step's program holds, and time by running a few of its steps and the features of
 * a few images.
 * @throws UserError where the memory will not do, with smaller settings that fit
 */
export async function forecastTraining(options: TrainOptions): Promise<Forecast> {
  const { device, cache, signal } = options;
  const prepared = await prepareTraining(options);
  const { settings, weights, plan, region } = prepared;
  const { configuration, recipe } = settings;
  const { images: good, heldOutIn, method } = plan;
  const heldOut = heldOutIn.filter((round) => round !== undefined).length;
  const crossed = method.kind === 'cross';
  const trainingImages = crossed ? good.length : good.length - heldOut;
  const samples = await countSamples(plan, settings, region);
  const { learned } = samples;
  const extraction = { ...settings, region, weights, device, signal };
  const uncached = await uncachedPictures(good, { ...extraction, cache });
  const load = await loadOf(prepared, samples, uncached.length > 0, device.lanes);
  const available = options.availableMemory ?? availableMemory();
  const peakMemory = demandMemory(load, available, prepared.earlier !== undefined);

  const batch = Math.min(recipe.batch, learned);
  const features = uncached.length === 0 ? noTime : await timeFeatures(uncached, extraction);
  const step = await timeSteps(configuration, batch, device, signal);
  const stepsPerEpoch = Math.ceil(learned / batch);
  const rest = learned - (stepsPerEpoch - 1) * batch;
  const restStep =
    rest < batch && stepsPerEpoch <= shortEpoch
      ? await timeSteps(configuration, rest, device, signal)
      : {
          startSeconds: rest < batch ? step.startSeconds : 0,
          secondsEach: (step.secondsEach * rest) / batch,
        };
  const secondsPerEpoch = (stepsPerEpoch - 1) * step.secondsEach + restStep.secondsEach;
  const foldSamples = crossed
    ? Array.from({ length: method.folds }, (_, fold) =>
        samples.each.reduce((sum, count, i) => (heldOutIn[i] === fold ? sum : sum + count), 0),
      )
    : [];
  const passes = [learned, ...foldSamples].reduce(
    (sum, count) => sum + epochsFor(settings, count) * count,
    0,
  );
  const featureSeconds = features.startSeconds + uncached.length * features.secondsEach;
  const startSeconds = (1 + foldSamples.length) * (step.startSeconds + restStep.startSeconds);
  const fullSeconds = (passes / learned) * secondsPerEpoch;
  // `minutes` shortens every flow's schedule by the same share.
  const stepSeconds =
    options.minutes === undefined
      ? fullSeconds
      : Math.min(fullSeconds, secondsForSteps(options.minutes, featureSeconds));
  const epochs = Math.ceil(epochsFor(settings, learned) * (stepSeconds / fullSeconds));
  return {
    trainingImages,
    trainingSamples: learned,
    calibrationImages: heldOut,
    parameters: parameterCount(configuration),
    modelBytes: 4 * parameterCount(configuration) + backboneBytes(settings, weights),
    peakMemory,
    availableMemory: available,
    uncachedImages: uncached.length,
    secondsPerImage: features.secondsEach,
    secondsPerStep: step.secondsEach,
    epochs,
    stepsPerEpoch,
    secondsPerEpoch,
    flows: 1 + foldSamples.length,
    seconds: featureSeconds + startSeconds + stepSeconds,
  };
}

/** What something takes that is done many times. */
interface Time {
  readonly startSeconds: number;
  readonly secondsEach: number;
}

const noTime: Time = { startSeconds: 0, secondsEach: 0 };

/** The weights that the backbone's part of the model file holds. */
function backboneBytes({ size, backbone }: TrainingSettings, { weights }: BackboneWeights): number {
  const features = imageFeatures(input('image', ['N', 'H', 'W', 3], 'uint8'), size, backbone, weights);
  return topologicalOrder(features).reduce(
    (sum, node) => sum + (node.op === 'Constant' ? node.attributes.value.data.byteLength : 0),
    0,
  );
}

/** Several pictures at once, as the training has them; of few the same again. */
async function timeFeatures(
  pictures: readonly DatasetImage[],
  options: Omit<ExtractionOptions, 'cache'>,
): Promise<Time> {
  // The first wait for the session while the next are decoded, and beside the last nothing is: neither is timed.
  const underWay = picturesUnderWay(options.device);
  const timed = timedPictures * options.device.lanes;
  const count = timed + 2 * underWay;
  const few = evenlySpread(pictures, count);
  const tried = Array.from({ length: count }, (_, i) => few[i % few.length]);
  const start = performance.now();
  let warm = start;
  let end = start;
  const { features } = await extractFeatures(tried, {
    ...options,
    onEvent(event) {
      if (event.kind !== 'features') return;
      if (event.done === underWay) warm = performance.now();
      if (event.done === underWay + timed) end = performance.now();
    },
  });
  if (features.length === 0) throw new UserError('dry run: expected readable pictures, got none');
  const secondsEach = (end - warm) / 1000 / timed;
  return { secondsEach, startSeconds: Math.max(0, (warm - start) / 1000 - underWay * secondsEach) };
}

async function timeSteps(
  configuration: FlowConfiguration,
  batch: number,
  device: Device,
  signal?: AbortSignal,
): Promise<Time> {
  const opened = performance.now();
  const step = await openTrialStep(configuration, batch, device);
  let start = performance.now();
  const startSeconds = (start - opened) / 1000;
  let steps = -warmUpSteps;
  const enough = (): boolean => steps >= fewestSteps && performance.now() - start >= 1000 * timedSeconds;
  try {
    for (; steps < mostSteps && !enough(); steps++) {
      signal?.throwIfAborted();
      if (steps === 0) start = performance.now();
      await step.run();
    }
    return { startSeconds, secondsEach: (performance.now() - start) / 1000 / steps };
  } finally {
    await step.close();
  }
}
