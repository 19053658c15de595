import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { initialParameters, latentDimensions, type FlowConfiguration } from '#csflow/csflow/index.js';
import { openFlowModel } from '#csflow/inspector/flow-model.js';
import type { TrainedFlow } from '#csflow/inspector/trained-flow.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import type { FloatTensor } from '#csflow/tensor/tensor.js';
import { identityStandardisation } from '#csflow/training/index.js';
import { relativeDifference } from '../csflow/golden-case.js';

const device = createLocalDevice();
afterAll(() => device.close());

const configurations = fc.record({
  channels: fc.integer({ min: 2, max: 9 }),
  mapSize: fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .map(([h, w]) => [4 * h, 4 * w] as [number, number]),
  hidden: fc.integer({ min: 1, max: 8 }),
  kernels: fc.array(fc.constantFrom(1, 3, 5), { minLength: 1, maxLength: 3 }),
  clamp: fc.constantFrom(0, 3),
  gamma: fc.constant(true),
});

/** Fresh weights have every gamma at 0; those of a training do not. */
function flowWith(configuration: FlowConfiguration, seed: number, trained: boolean): TrainedFlow {
  const random = new NumpyRandom(seed);
  const parameters = new Map(
    [...initialParameters(configuration, seed)].map(([name, values]) => [
      name,
      trained && name.includes('gamma') ? values.map(() => 0.2 * random.normal()) : values,
    ]),
  );
  const { scales } = identityStandardisation(configuration.channels, 3);
  const standardisation = {
    scales: scales.map(({ mean, deviation }) => ({
      mean: mean.map(() => random.normal()),
      deviation: deviation.map(() => 0.5 + random.uniform()),
    })),
  };
  return { configuration, standardisation, parameters };
}

function drawnMaps({ channels, mapSize }: FlowConfiguration, seed: number, n = 2): readonly FloatTensor[] {
  const random = new NumpyRandom(seed);
  return [0, 1, 2].map((s) => {
    const dims = [n, channels, mapSize[0] >> s, mapSize[1] >> s];
    const length = dims.reduce((a, b) => a * b, 1);
    return { dtype: 'float32', dims, data: Float32Array.from({ length }, () => 2 * random.normal()) };
  });
}

describe('a flow model', () => {
  it('is exact in both directions, for any configuration, with fresh and with trained weights', async () => {
    await fc.assert(
      fc.asyncProperty(configurations, fc.nat(1000), fc.boolean(), async (configuration, seed, trained) => {
        const model = await openFlowModel(flowWith(configuration, seed, trained), device);
        const x = drawnMaps(configuration, seed);
        const latents = await model.toLatents(x);
        // Without a clamp a scale may grow past the cut, which has no inverse.
        fc.pre(latents.every(({ data }) => data.every((value) => Math.abs(value) < 1e6)));
        const back = await model.fromLatents(latents);
        back.forEach(({ data, dims }, s) => {
          expect(dims).toEqual(x[s].dims);
          expect(relativeDifference(data, x[s].data)).toBeLessThanOrEqual(1e-4);
        });
        await model.close();
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  const configuration: FlowConfiguration = {
    channels: 4,
    mapSize: [4, 4],
    hidden: 4,
    kernels: [3],
    clamp: 3,
    gamma: true,
  };

  it("with fresh weights has the density of a normal with the standardisation's means and deviations", async () => {
    const flow = flowWith(configuration, 1, false);
    const model = await openFlowModel(flow, device);
    const x = drawnMaps(configuration, 2);
    const expected = [0, 1].map((sample) => {
      let sum = 0;
      x.forEach(({ data, dims }, s) => {
        const area = dims[2] * dims[3];
        for (let c = 0; c < 4; c++)
          for (let p = 0; p < area; p++) {
            const { mean, deviation } = flow.standardisation.scales[s];
            const value = (data[(sample * 4 + c) * area + p] - mean[c]) / deviation[c];
            sum -= value ** 2 / 2 + Math.log(2 * Math.PI) / 2 + Math.log(deviation[c]);
          }
      });
      return sum;
    });
    const found = await model.logProb(x);
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 2));
    const bits = await model.bitsPerDimension(x);
    const dimensions = latentDimensions(configuration);
    bits.forEach((value, i) => expect(value).toBeCloseTo(-expected[i] / dimensions / Math.LN2, 5));
    await model.close();
  });

  it('draws samples whose latents have the temperature as deviation, the same for the same seed', async () => {
    const model = await openFlowModel(flowWith(configuration, 3, true), device);
    const samples = await model.sample(200, { temperature: 0.7, seed: 9 });
    expect(samples.map(({ dims }) => dims[0])).toEqual([200, 200, 200]);
    const z = await model.toLatents(samples);
    const values = z.flatMap(({ data }) => [...data]);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(deviation).toBeCloseTo(0.7, 1);
    expect(await model.sample(200, { temperature: 0.7, seed: 9 })).toEqual(samples);
    expect(await model.sample(200, { temperature: 0.7, seed: 10 })).not.toEqual(samples);
    await model.close();
  });
});
