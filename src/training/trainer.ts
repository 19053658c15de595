import type { FlowConfiguration, ParameterSequence, ParameterValues } from '../csflow/index.js';
import { UserError } from '../errors.js';
import { valuesOf, type Device, type Session } from '../runtime/session.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { adamFeeds } from './adam.js';
import type { Checkpoint, LiveCheckpoint } from './checkpoint.js';
import type { TrainingEvent } from './events.js';
import { feedsOf, meanShareOf, type FeatureSet } from './feature-set.js';
import { packDrawn, packParameters, unpackParameters } from './parameter-buffer.js';
import { learningRateAt, type Recipe } from './recipe.js';
import { dropState, writtenStep } from './training-step.js';

export interface TrainerOptions {
  readonly configuration: FlowConfiguration;
  readonly recipe: Recipe;
  readonly epochs: number;
  /** Draws the starting weights, where none are given, and the order of the images. */
  readonly seed: number;
  /** Values to start from; left out: drawn ones. */
  readonly initial?: ParameterSequence;
  readonly device: Device;
  /** Time for the steps; the schedule is shortened to fit. Default: no limit. */
  readonly budgetSeconds?: number;
  readonly resume?: Checkpoint;
  readonly fingerprint?: string;
  readonly saveCheckpoint?: (checkpoint: LiveCheckpoint) => Promise<void>;
  /** Seconds between checkpoints; default 60. */
  readonly checkpointEvery?: number;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** When aborted, a checkpoint is saved if there was a step, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Seconds between two clocks readings of `performance.now()`. */
const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** The order of the images in an epoch depends on the seed and the epoch alone, so that a resumed run repeats it. */
function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return new NumpyRandom((Math.imul(seed, 0x9e3779b1) + epoch) >>> 0).permutation(count);
}

/** Trains a flow on features that already went through the recipe's input transform. */
export async function trainFlow(features: FeatureSet, options: TrainerOptions): Promise<ParameterValues> {
  const sessions = new Map<number, Session>();
  try {
    return await runSteps(features, options, sessions);
  } finally {
    await Promise.all([...sessions.values()].map((session) => session.close()));
    await dropState(options.device);
  }
}

/** @param sessions by the samples of a step; those it opens are added */
async function runSteps(
  features: FeatureSet,
  options: TrainerOptions,
  sessions: Map<number, Session>,
): Promise<ParameterValues> {
  const { configuration, recipe, epochs, seed, device, resume, signal } = options;
  const batch = Math.min(recipe.batch, features.count);
  const perEpoch = Math.ceil(features.count / batch);
  const steps = epochs * perEpoch;
  const stepOptions = { adam: recipe.adam, maxNorm: recipe.maxNorm, meanShare: meanShareOf(features) };
  const sizes = new Set([batch, features.count - (perEpoch - 1) * batch]);
  // Before there is a state: what a program takes while it is made is free again when the state needs memory.
  const written = [...sizes].map((size) => ({ size, ...writtenStep(configuration, size, stepOptions) }));
  const [{ layout }] = written;
  const start = resume?.state;
  const initial = (): Float32Array =>
    options.initial === undefined
      ? packDrawn(layout, configuration, seed)
      : packParameters(layout, options.initial);
  await device.createBuffer('parameters', start?.parameters ?? initial(), { givenUp: start === undefined });
  await device.createBuffer('firstMoment', start?.firstMoment ?? layout.length);
  await device.createBuffer('secondMoment', start?.secondMoment ?? layout.length);
  // All before the clock starts: a budget is for steps.
  for (let next = written.shift(); next !== undefined; next = written.shift())
    sessions.set(next.size, await device.compile(next.model, next.bindings));

  const clock = performance.now();
  let progress = resume?.progress ?? 0;
  let step = resume?.step ?? 0;
  const firstStep = step;
  let lastCheckpoint = clock;
  const seconds = (): number => (resume?.seconds ?? 0) + secondsSince(clock);
  const checkpoint = async (): Promise<void> => {
    if (options.saveCheckpoint === undefined || step === 0) return;
    await options.saveCheckpoint({
      length: layout.length,
      read: (buffer) => device.readBuffer(buffer),
      step,
      seconds: seconds(),
      progress,
      fingerprint: options.fingerprint ?? '',
    });
    lastCheckpoint = performance.now();
    options.onEvent?.({ kind: 'checkpoint', step });
  };

  let order = epochOrder(features.count, seed, Math.floor(step / perEpoch));
  while (progress < 1) {
    if (signal?.aborted) {
      await checkpoint();
      signal.throwIfAborted();
    }
    const within = step % perEpoch;
    const epoch = Math.floor(step / perEpoch);
    if (within === 0) order = epochOrder(features.count, seed, epoch);
    const indices = order.subarray(within * batch, (within + 1) * batch);
    const learningRate = learningRateAt(recipe.schedule, progress);
    const session = sessions.get(indices.length)!;
    const results = await session.run({
      ...feedsOf(features, indices, session.inputNames),
      ...adamFeeds(step + 1, learningRate, recipe.adam),
    });
    const loss = valuesOf(results, 'loss', 'float32')[0];
    const gradientNorm = valuesOf(results, 'gradientNorm', 'float32')[0];
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw diverged(loss, step + 1);
    step++;
    const taken = step - firstStep;
    const shareOfTime = options.budgetSeconds === undefined ? 0 : seconds() / options.budgetSeconds;
    progress = step >= steps ? 1 : Math.min(1, Math.max(step / steps, shareOfTime));
    const elapsed = secondsSince(clock);
    const started = resume?.progress ?? 0;
    options.onEvent?.({
      kind: 'step',
      step,
      steps: progress === 1 ? step : Math.round(step / progress),
      epoch: epoch + 1,
      epochs,
      loss,
      gradientNorm,
      learningRate,
      imagesPerSecond: (taken * batch) / elapsed,
      secondsLeft: (elapsed * (1 - progress)) / (progress - started),
    });
    if (progress < 1 && secondsSince(lastCheckpoint) >= (options.checkpointEvery ?? 60)) await checkpoint();
  }
  return unpackParameters(layout, await device.readBuffer('parameters'));
}

function diverged(loss: number, step: number): UserError {
  return new UserError(
    `training: expected a finite loss, got ${loss} at step ${step}. Try a lower --learning-rate, a smaller --clamp, ` +
      'or the default recipe, which standardises the features; and look for broken pictures among the good ones',
  );
}
