import type { BackboneWeights } from '../backbone/weights.node.js';
import { evenlySpread, imageSizes } from '../data/index.js';
import type { DatasetImage } from '../data/types.js';
import { featureMemory, mostStepMemory, parameterCount, stepMemory } from '../training/index.js';
import type { OpenRegion, Size } from '../view/index.js';
import type { CalibrationPlan } from './calibration-plan.node.js';
import { samplesOf } from './count-samples.node.js';
import { extractionMemory } from './extraction-memory.node.js';
import type { TrainingSettings } from './settings.js';

/** What decides how much memory a training takes. */
export interface TrainingLoad {
  readonly settings: TrainingSettings;
  readonly weights: BackboneWeights;
  /** Samples whose features are held: pictures, or their tiles. */
  readonly samples: number;
  /** Those of them that the flow of the model file learns from. */
  readonly learned: number;
  /** Whether features are computed; where all are cached no backbone runs. */
  readonly computes: boolean;
  /** In pixels. */
  readonly largestPicture: Size;
  /** Of the device. */
  readonly lanes: number;
}

/** Node, ONNX Runtime and the decoder while features are computed, in bytes; measured. */
const extractingProcess = 310e6;
/** The same in training, with what the allocator keeps of the sessions that gave the features; measured. */
export const trainingProcess = 350e6;
/** The same where no features were computed; measured. */
const cachedProcess = 170e6;
/** Copies of the parameters while the flow is calibrated and the model file is written, in bytes a parameter; measured. */
const writingBytes = 16;

/** Pictures whose sizes are looked at for the largest, spread over all. */
const lookedAt = 16;

/** The most pixels among some pictures; the size that they are resized to where none can be read. */
export async function largestOf(
  pictures: readonly DatasetImage[],
  { size }: Pick<TrainingSettings, 'size'>,
): Promise<Size> {
  const found = await imageSizes(evenlySpread(pictures, lookedAt));
  const sizes = found.flatMap((one): Size[] => (one === undefined ? [] : [[one.height, one.width]]));
  return sizes.length === 0 ? size : sizes.reduce((a, b) => (b[0] * b[1] > a[0] * a[1] ? b : a));
}

/** How many samples each picture of a plan makes, and how many there are. */
export interface SampleCounts {
  /** Of each picture of the plan. */
  readonly each: readonly number[];
  readonly all: number;
  /** Those that the flow of the model file learns from. */
  readonly learned: number;
}

export async function countSamples(
  { images, heldOutIn, method }: CalibrationPlan,
  settings: TrainingSettings,
  region: OpenRegion | undefined,
): Promise<SampleCounts> {
  const each = await samplesOf(images, settings, region);
  const sum = (counts: (index: number) => boolean): number =>
    each.reduce((total, samples, i) => (counts(i) ? total + samples : total), 0);
  const all = sum(() => true);
  return { each, all, learned: method.kind === 'cross' ? all : sum((i) => heldOutIn[i] === undefined) };
}

/** Bytes that the phase takes in which features are computed or read. */
export function featurePhase(load: TrainingLoad): number {
  const { settings, weights, samples, computes, largestPicture, lanes } = load;
  const features = featureMemory(settings.configuration, samples);
  if (!computes) return cachedProcess + features;
  return extractingProcess + features + extractionMemory(settings, weights, largestPicture, lanes);
}

/**
 * Bytes that a training takes at most. Sessions of the backbone are closed before the steps begin, so the larger phase
 * decides. What the end of a training takes is added to the steps', since the allocator gives little of theirs back
 * before.
 */
export function trainingMemory(load: TrainingLoad): number {
  return Math.max(featurePhase(load), stepPhase(load, stepMemory));
}

/** More bytes than a training takes, without its program being built, which takes a second. */
export function mostTrainingMemory(load: TrainingLoad): number {
  return Math.max(featurePhase(load), stepPhase(load, mostStepMemory));
}

function stepPhase(load: TrainingLoad, memoryOf: typeof stepMemory): number {
  const { configuration, recipe } = load.settings;
  const process = load.computes ? trainingProcess : cachedProcess;
  const steps = memoryOf(configuration, recipe.batch, load.learned);
  return (
    process +
    featureMemory(configuration, load.samples) +
    steps +
    writingBytes * parameterCount(configuration)
  );
}
