import { freemem } from 'node:os';
import { imageFeatures } from '../backbone/index.js';
import type { BackboneWeights } from '../backbone/weights.node.js';
import type { FlowConfiguration } from '../csflow/index.js';
import { imageSizes } from '../data/index.js';
import type { DatasetImage } from '../data/types.js';
import { UserError } from '../errors.js';
import { input, topologicalOrder } from '../graph/index.js';
import type { Device } from '../runtime/session.js';
import { featureMemory, openTrialStep, parameterCount, stepMemory } from '../training/index.js';
import type { OpenRegion, Size } from '../view/index.js';
import { samplesOf } from './count-samples.node.js';
import { extractFeatures } from './extract-features.node.js';
import { extractionMemory } from './extraction-memory.node.js';
import { prepareTraining } from './prepare-training.node.js';
import { epochsFor, type TrainingSettings } from './settings.js';
import { secondsForSteps, type TrainOptions } from './train.node.js';

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
  /** Of features that are not cached. */
  readonly secondsPerImage: number;
  readonly secondsPerStep: number;
  /** As many as `minutes` allows, the last perhaps in part. */
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly secondsPerEpoch: number;
  /** Flows that are trained: one, or with cross-calibration one a fold besides. */
  readonly flows: number;
  /** Features and the steps of all flows. */
  readonly seconds: number;
}

export interface ForecastOptions extends TrainOptions {
  /** Bytes that the training may take; default: what is free on the machine. */
  readonly availableMemory?: number;
}

/** Node, ONNX Runtime and the decoder while features are computed; measured. */
const extractingProcess = 310e6;
/** The same in training, with what the allocator keeps of the sessions that gave the features; measured. */
export const trainingProcess = 350e6;
/** Copies of the parameters while the flow is calibrated and the model file is written, in bytes a parameter; measured. */
const writingBytes = 16;
const triedImages = 6;
const warmUpSteps = 1;
const timedSteps = 3;

/**
 * Predicts memory by counting what the step's program holds, and time by running a few of its steps and the features of
 * a few images.
 * @throws UserError where the memory will not do, with a smaller setting that fits
 */
export async function forecastTraining(options: ForecastOptions): Promise<Forecast> {
  const { settings, weights, plan, region } = await prepareTraining(options);
  const { configuration, recipe } = settings;
  const { images: good, heldOutIn, method } = plan;
  const heldOut = heldOutIn.filter((round) => round !== undefined).length;
  const crossed = method.kind === 'cross';
  const trainingImages = crossed ? good.length : good.length - heldOut;
  const samples = await samplesOf(good, settings, region);
  const allSamples = sumWhere(samples, () => true);
  const learned = crossed ? allSamples : sumWhere(samples, (i) => heldOutIn[i] === undefined);
  const availableMemory = options.availableMemory ?? process.availableMemory?.() ?? freemem();
  const batch = Math.min(recipe.batch, learned);
  const tried = good.slice(0, triedImages);
  const extracting =
    extractingProcess +
    extractionMemory(settings, weights, await largestOf(tried, settings), options.device.lanes);
  // Sessions of the backbone are closed before training begins, so the larger phase decides. What the end of a training
  // takes is added to the steps', since the allocator gives little of theirs back before.
  const need = (of: FlowConfiguration, together: number): number => {
    const features = featureMemory(of, allSamples);
    const training =
      trainingProcess + features + stepMemory(of, together, learned) + writingBytes * parameterCount(of);
    return Math.max(extracting + features, training);
  };
  const peakMemory = need(configuration, batch);
  if (peakMemory > availableMemory) throw tooLarge(settings, batch, peakMemory, availableMemory, need);

  const secondsPerImage = await timeFeatures(tried, settings, region, weights, options.device);
  const secondsPerStep = await timeSteps(configuration, batch, options.device, options.signal);
  const stepsPerEpoch = Math.ceil(learned / batch);
  const secondsPerEpoch = stepsPerEpoch * secondsPerStep;
  const foldSamples = crossed
    ? Array.from({ length: method.folds }, (_, fold) => sumWhere(samples, (i) => heldOutIn[i] !== fold))
    : [];
  const steps = [learned, ...foldSamples].reduce(
    (sum, count) => sum + epochsFor(settings, count) * Math.ceil(count / batch),
    0,
  );
  const featureSeconds = good.length * secondsPerImage;
  const fullSeconds = steps * secondsPerStep;
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
    availableMemory,
    secondsPerImage,
    secondsPerStep,
    epochs,
    stepsPerEpoch,
    secondsPerEpoch,
    flows: 1 + foldSamples.length,
    seconds: featureSeconds + stepSeconds,
  };
}

/** The most pixels among some pictures; the size that they are resized to where none can be read. */
async function largestOf(pictures: readonly DatasetImage[], { size }: TrainingSettings): Promise<Size> {
  const found = await imageSizes(pictures);
  const sizes = found.flatMap((one): Size[] => (one === undefined ? [] : [[one.height, one.width]]));
  return sizes.length === 0 ? size : sizes.reduce((a, b) => (b[0] * b[1] > a[0] * a[1] ? b : a));
}

const sumWhere = (values: readonly number[], counts: (index: number) => boolean): number =>
  values.reduce((sum, value, i) => (counts(i) ? sum + value : sum), 0);

/** The weights that the backbone's part of the model file holds. */
function backboneBytes({ size, backbone }: TrainingSettings, { weights }: BackboneWeights): number {
  const features = imageFeatures(input('image', ['N', 'H', 'W', 3], 'uint8'), size, backbone, weights);
  return topologicalOrder(features).reduce(
    (sum, node) => sum + (node.op === 'Constant' ? node.attributes.value.data.byteLength : 0),
    0,
  );
}

async function timeFeatures(
  images: readonly DatasetImage[],
  { size, view, backbone }: TrainingSettings,
  region: OpenRegion | undefined,
  weights: BackboneWeights,
  device: Device,
): Promise<number> {
  // The first run compiles and warms up; several pictures at once are as the training has them.
  const extract = () => extractFeatures(images, { size, view, region, backbone, weights, device });
  await extract();
  const start = performance.now();
  const { features } = await extract();
  if (features.length === 0) throw new UserError('dry run: expected readable pictures, got none');
  return (performance.now() - start) / 1000 / features.length;
}

async function timeSteps(
  configuration: FlowConfiguration,
  batch: number,
  device: Device,
  signal?: AbortSignal,
): Promise<number> {
  const step = await openTrialStep(configuration, batch, device);
  let start = 0;
  for (let i = -warmUpSteps; i < timedSteps; i++) {
    signal?.throwIfAborted();
    if (i === 0) start = performance.now();
    await step.run();
  }
  const seconds = (performance.now() - start) / 1000 / timedSteps;
  await step.close();
  return seconds;
}

/** Smaller batches first, since they cost no accuracy; then narrower subnets. */
function tooLarge(
  { configuration }: TrainingSettings,
  batch: number,
  need: number,
  available: number,
  needOf: (configuration: FlowConfiguration, batch: number) => number,
): UserError {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  const candidates = [
    ...[8, 4, 2, 1].filter((b) => b < batch).map((b) => ({ batch: b, hidden: configuration.hidden })),
    ...[512, 256, 128, 64, 32, 16]
      .filter((h) => h < configuration.hidden)
      .map((hidden) => ({ batch: Math.min(batch, 8), hidden })),
  ];
  const fits = candidates.find(
    (candidate) => needOf({ ...configuration, hidden: candidate.hidden }, candidate.batch) <= available,
  );
  const advice =
    fits === undefined
      ? 'fewer images or a smaller --size may'
      : `--batch ${fits.batch}${fits.hidden === configuration.hidden ? '' : ` --hidden ${fits.hidden}`} will`;
  return new UserError(
    `memory: expected at most the ${gigabytes(available)} that are free, this training takes about ${gigabytes(need)}; ` +
      `${advice} fit`,
  );
}
