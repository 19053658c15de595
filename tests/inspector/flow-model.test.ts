import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { latentDimensions, type FlowConfiguration } from '#csflow/csflow/index.js';
import { openFlowModel } from '#csflow/inspector/flow-model.js';
import type { TrainedFlow } from '#csflow/inspector/trained-flow.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { floatTensor, type FloatTensor } from '#csflow/tensor/tensor.js';
import { identityStandardisation } from '#csflow/training/index.js';
import { goldenCase, relativeDifference } from '../csflow/golden-case.js';
import { drawnFlows, drawnMaps, drawnParameters, type DrawnFlow } from '../flow/drawn-flows.js';

const device = createLocalDevice();
afterAll(() => device.close());

/** A standardisation that is not the identity, so that its log-det counts. */
function flowOf(drawn: DrawnFlow): TrainedFlow {
  const random = new NumpyRandom(drawn.seed + 2);
  const { scales } = identityStandardisation(drawn.configuration.channels, 3);
  const standardisation = {
    scales: scales.map(({ mean, deviation }) => ({
      mean: mean.map(() => random.normal()),
      deviation: deviation.map(() => 0.5 + random.uniform()),
    })),
  };
  return { configuration: drawn.configuration, standardisation, parameters: drawnParameters(drawn) };
}

const featuresOf = (drawn: DrawnFlow): readonly FloatTensor[] =>
  drawnMaps(drawn, 2).map(({ dims, data }) => floatTensor(dims, Float32Array.from(data)));

describe('a flow model', () => {
  it('is undone by its inverse in float32, for any configuration, with fresh and with trained weights', async () => {
    await fc.assert(
      fc.asyncProperty(drawnFlows({ channels: 9, side: 4, hidden: 8, blocks: 3 }), async (drawn) => {
        const model = await openFlowModel(flowOf(drawn), device);
        const x = featuresOf(drawn);
        const latents = await model.toLatents(x);
        const largest = Math.max(...latents.flatMap(({ data }) => [...data].map(Math.abs)));
        expect(largest).not.toBeNaN();
        // Without a clamp a scale may grow past the cut, which has no inverse.
        fc.pre(largest < 1e6);
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

  it.each(['base', 'nonsquare', 'oddchannels', 'nogamma', 'noclamp', 'kernel1'])(
    'gives the features of the golden case %s back from its latents',
    async (name) => {
      const golden = goldenCase(name);
      const { configuration, parameters, features } = golden;
      const standardisation = identityStandardisation(configuration.channels, 3);
      const model = await openFlowModel({ configuration, standardisation, parameters }, device);
      const latents = features.map(({ dims }, s) => floatTensor(dims, golden.values(`z${s}`)!));
      const back = await model.fromLatents(latents);
      back.forEach(({ data }, s) =>
        expect(relativeDifference(data, features[s].data)).toBeLessThanOrEqual(1e-4),
      );
      await model.close();
    },
  );

  const configuration: FlowConfiguration = {
    channels: 4,
    mapSize: [4, 4],
    hidden: 4,
    kernels: [3],
    clamp: 3,
    gamma: true,
  };

  it("with fresh weights has the density of a normal with the standardisation's means and deviations", async () => {
    const flow = flowOf({ configuration, seed: 1, trained: false });
    const model = await openFlowModel(flow, device);
    const x = featuresOf({ configuration, seed: 2, trained: false });
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
    const model = await openFlowModel(flowOf({ configuration, seed: 3, trained: true }), device);
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
