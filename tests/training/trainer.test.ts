import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import type { Device } from '#csflow/runtime/session.js';
import {
  decodeCheckpoint,
  checkpointParts,
  recipeNamed,
  trainFlow,
  type Checkpoint,
  type LiveCheckpoint,
  type TrainerOptions,
  type TrainingEvent,
} from '#csflow/training/index.js';
import { countedDevice, type Failure } from '../runtime/counted-device.js';
import { drawnFeatures, smallConfiguration } from './drawn-features.js';

let device: Device;
beforeEach(() => {
  device = createLocalDevice();
});
afterEach(() => device.close());

const options = (): TrainerOptions => ({
  configuration: smallConfiguration,
  recipe: { ...recipeNamed('default'), batch: 4 },
  epochs: 3,
  seed: 5,
  device,
});

/** The bytes of a checkpoint file. */
async function written(checkpoint: LiveCheckpoint): Promise<Uint8Array> {
  const parts: number[] = [];
  for await (const part of checkpointParts(checkpoint)) parts.push(...part);
  return Uint8Array.from(parts);
}

type Step = Extract<TrainingEvent, { kind: 'step' }>;
const stepsOf = (events: readonly TrainingEvent[]): Step[] => events.filter((event) => event.kind === 'step');

describe('trainFlow', () => {
  it('learns: the loss falls, every image is seen once an epoch, the last batch may be smaller', async () => {
    const events: TrainingEvent[] = [];
    await trainFlow(drawnFeatures(10), { ...options(), epochs: 20, onEvent: (event) => events.push(event) });
    const steps = stepsOf(events);
    expect(steps).toHaveLength(20 * 3);
    expect(steps.at(-1)).toMatchObject({ step: 60, steps: 60, epoch: 20, epochs: 20, secondsLeft: 0 });
    const mean = (list: readonly Step[]) => list.reduce((sum, { loss }) => sum + loss, 0) / list.length;
    expect(mean(steps.slice(-6))).toBeLessThan(mean(steps.slice(0, 6)) - 0.3);
  });

  it('gives the same weights for the same seed, and others for another', async () => {
    const [first, again, other] = [
      await trainFlow(drawnFeatures(10), options()),
      await trainFlow(drawnFeatures(10), options()),
      await trainFlow(drawnFeatures(10), { ...options(), seed: 6 }),
    ];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it.each([1, 4, 8])('stopped after step %i and resumed, ends as if it had not been', async (stopAfter) => {
    const whole = await trainFlow(drawnFeatures(10), options());
    const controller = new AbortController();
    let saved: Checkpoint | undefined;
    const interrupted = trainFlow(drawnFeatures(10), {
      ...options(),
      fingerprint: 'these features',
      signal: controller.signal,
      saveCheckpoint: async (checkpoint) => {
        saved = decodeCheckpoint(await written(checkpoint), 'c', 'these features');
      },
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === stopAfter) controller.abort(new Error('interrupted'));
      },
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(saved?.step).toBe(stopAfter);
    const events: TrainingEvent[] = [];
    const resumed = await trainFlow(drawnFeatures(10), {
      ...options(),
      resume: saved,
      onEvent: (event) => events.push(event),
    });
    expect(stepsOf(events)[0]?.step).toBe(stopAfter + 1);
    expect(resumed).toEqual(whole);
  });

  it.each(['ended', 'aborted'] as const)('leaves nothing open on the device, %s', async (how) => {
    const counted = countedDevice(device);
    const controller = new AbortController();
    let open = 0;
    const training = trainFlow(drawnFeatures(10), {
      ...options(),
      device: counted,
      signal: controller.signal,
      onEvent: () => {
        open = counted.sessions.size;
        if (how === 'aborted') controller.abort(new Error('aborted'));
      },
    });
    if (how === 'aborted') await expect(training).rejects.toThrow('aborted');
    else await training;
    expect(open).toBe(2);
    expect([counted.sessions.size, counted.buffers.size]).toEqual([0, 0]);
  });

  it.each<Failure>([{ compile: 1 }, { compile: 2 }, { run: 1 }, { run: 4 }])(
    'leaves nothing open on the device, after %j failed',
    async (failure) => {
      const counted = countedDevice(device, failure);
      await expect(trainFlow(drawnFeatures(10), { ...options(), device: counted })).rejects.toThrow('failed');
      expect([counted.sessions.size, counted.buffers.size]).toEqual([0, 0]);
    },
  );

  it('does not learn from what does not count', async () => {
    const features = drawnFeatures(10);
    const half = features.mapSizes.map(([height, width]) =>
      Float32Array.from({ length: height * width }, (_, i) => Number(i % width < width / 2)),
    );
    const shares = half.map((one) =>
      Float32Array.from({ length: 10 * one.length }, (_, i) => one[i % one.length]),
    );
    // A kernel of one on flows of their own: no position sees another.
    const apart = {
      ...options(),
      configuration: { ...smallConfiguration, kernels: [1], cross: 'none' as const },
    };
    const changed = drawnFeatures(10);
    changed.scales.forEach((values, s) => {
      const width = changed.mapSizes[s][1];
      for (let i = 0; i < values.length; i++) if (i % width >= width / 2) values[i] = 3;
    });
    const learned = await trainFlow({ ...features, shares }, apart);
    expect(await trainFlow({ ...changed, shares }, apart)).toEqual(learned);
    expect(await trainFlow(features, apart)).not.toEqual(learned);
  });

  it('saves checkpoints at intervals', async () => {
    const steps: number[] = [];
    const saveCheckpoint = ({ step }: LiveCheckpoint): Promise<void> => {
      steps.push(step);
      return Promise.resolve();
    };
    await trainFlow(drawnFeatures(10), { ...options(), saveCheckpoint, checkpointEvery: 0 });
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('fits a time budget: the schedule ends early and the rate has come down', async () => {
    const events: TrainingEvent[] = [];
    await trainFlow(drawnFeatures(10), {
      ...options(),
      epochs: 1_000_000,
      budgetSeconds: 1,
      onEvent: (event) => events.push(event),
    });
    const steps = stepsOf(events);
    const rates = steps.map(({ learningRate }) => learningRate);
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.length).toBeLessThan(1_000_000);
    expect(rates.at(-1)).toBeLessThan(Math.max(...rates) / 5);
  });

  it('stops at a loss that is not finite and says what to try', async () => {
    const features = drawnFeatures(10);
    features.scales[1][3] = NaN;
    await expect(trainFlow(features, options())).rejects.toThrow(
      /expected a finite loss, got NaN at step [123]\. Try a lower --learning-rate/,
    );
  });
});

describe('a checkpoint', () => {
  const checkpoint: Checkpoint = {
    state: {
      parameters: Float32Array.of(1, 2),
      firstMoment: Float32Array.of(3, 4),
      secondMoment: Float32Array.of(5, 6),
    },
    step: 7,
    seconds: 1.5,
    progress: 0.25,
    fingerprint: 'a',
  };

  const { state, ...facts } = checkpoint;
  const live = { ...facts, length: 2, read: (name: keyof typeof state) => Promise.resolve(state[name]) };

  it('is read as it was written', async () => {
    expect(decodeCheckpoint(await written(live), 'c', 'a')).toEqual(checkpoint);
  });

  it('of another format is refused', async () => {
    const older = new TextDecoder('latin1')
      .decode(await written(live))
      .replace('\\"format\\":2', '\\"format\\":1');
    const bytes = Uint8Array.from(older, (letter) => letter.charCodeAt(0));
    expect(() => decodeCheckpoint(bytes, 'c', 'a')).toThrow(
      'c: expected a checkpoint of format 2, got 1, written by another version of csflow; leave out --resume',
    );
  });

  it('of other data or settings is refused, and so is half of one', async () => {
    const bytes = await written(live);
    expect(() => decodeCheckpoint(bytes, 'c', 'b')).toThrow(
      /c: the checkpoint is of a training with other data/,
    );
    expect(() => decodeCheckpoint(bytes.subarray(0, bytes.length - 4), 'c', 'a')).toThrow(
      /c: not a whole safetensors/,
    );
  });
});
