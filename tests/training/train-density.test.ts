import { afterAll, describe, expect, it } from 'vitest';
import { glow, nice, openDensity, realNvp, type FlowModel } from '#csflow/flow/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { floatTensor, type FloatTensor } from '#csflow/tensor/tensor.js';
import { densityModule, trainDensity } from '#csflow/training/index.js';
import { countedDevice, type Failure } from '../runtime/counted-device.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

/** A normal with correlation 0.8, mean 2 and deviation 3 in both values; its entropy is known. */
function correlated(n: number, seed: number): FloatTensor {
  const random = new NumpyRandom(seed);
  const data = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const [a, b] = [random.normal(), random.normal()];
    data[2 * i] = 2 + 3 * a;
    data[2 * i + 1] = 2 + 3 * (0.8 * a + 0.6 * b);
  }
  return floatTensor([n, 2], data);
}
const entropy = Math.log(2 * Math.PI * Math.E) + Math.log(9 * 0.6);
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b) / values.length;

describe('trainDensity', () => {
  it.each<[string, FlowModel]>([
    ['NICE', nice([2], { hidden: 16 })],
    ['RealNVP', realNvp([2], { hidden: 16 })],
    ['Glow', glow([2], { hidden: 16 })],
  ])('%s comes near the entropy of a correlated normal it has not seen', async (_, model) => {
    const values = await trainDensity(model, correlated(2000, 1), { device, steps: 400, batch: 100 });
    const density = await openDensity(densityModule(model, values), [[2]], device);
    const found = mean(await density.logProb([correlated(2000, 2)]));
    expect(found).toBeGreaterThan(-entropy - 0.1);
    expect(found).toBeLessThan(-entropy + 0.1);
    const [sample] = await density.sample(4000, { seed: 3 });
    const first = sample.data.filter((_, i) => i % 2 === 0);
    expect(first.reduce((a, b) => a + b) / first.length).toBeCloseTo(2, 0);
    await density.close();
  });

  it('is the same for the same seed, and another for another', async () => {
    const model = glow([2], { steps: 1, hidden: 4 });
    const run = (seed: number) =>
      trainDensity(model, correlated(50, 1), { device, steps: 5, batch: 20, seed });
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('refuses samples of another shape, and stops when told to', async () => {
    const model = nice([3]);
    await expect(trainDensity(model, correlated(10, 1), { device, steps: 1 })).rejects.toThrow(
      'samples: expected [n, 3], got [10, 2]',
    );
    const one = trainDensity(glow([2], { steps: 1 }), correlated(10, 1), { device, steps: 1, batch: 1 });
    await expect(one).rejects.toThrow(
      'ActNorm: expected 2 or more values of each channel to start from, got 1',
    );
    await expect(trainDensity(model, floatTensor([0, 3], []), { device, steps: 1 })).rejects.toThrow(
      'samples: expected a whole number from 1, got 0',
    );
    const signal = AbortSignal.abort(new Error('enough'));
    const two = nice([2], { hidden: 4 });
    await expect(trainDensity(two, correlated(10, 1), { device, steps: 1, signal })).rejects.toThrow(
      'enough',
    );
  });

  // Glow's ActNorms start from a session of their own.
  it.each<Failure | undefined>([undefined, { compile: 1 }, { compile: 2 }, { run: 1 }, { run: 3 }])(
    'leaves nothing open on the device, after %j failed',
    async (failure) => {
      const counted = countedDevice(device, failure);
      const model = glow([2], { steps: 1, hidden: 4 });
      const training = trainDensity(model, correlated(20, 1), { device: counted, steps: 4, batch: 10 });
      if (failure === undefined) await training;
      else await expect(training).rejects.toThrow('failed');
      expect([counted.sessions.size, counted.buffers.size]).toEqual([0, 0]);
    },
  );
});
