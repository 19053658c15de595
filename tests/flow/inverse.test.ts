import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csFlow, initialParameters, parameterSpecs, type FlowConfiguration } from '#csflow/csflow/index.js';
import { evaluate, input, type Float64Tensor, type Node } from '#csflow/graph/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

const configurations = fc.record({
  channels: fc.integer({ min: 2, max: 5 }),
  mapSize: fc.constantFrom<[number, number]>([4, 4], [4, 8], [8, 4], [4, 12], [8, 8]),
  hidden: fc.integer({ min: 1, max: 3 }),
  kernels: fc.array(fc.constantFrom(1, 3, 5), { minLength: 1, maxLength: 2 }),
  clamp: fc.constantFrom(0, 3),
  gamma: fc.boolean(),
});

/** Weights as after some training: gammas have left 0. */
function weights(configuration: FlowConfiguration, seed: number): Readonly<Record<string, Float64Tensor>> {
  const random = new NumpyRandom(seed);
  const initial = initialParameters(configuration, seed);
  return Object.fromEntries(
    parameterSpecs(configuration).map(({ name, dims, fanIn }) => {
      const values = Float64Array.from(initial.get(name)!, (value) =>
        fanIn === undefined ? 0.5 * random.normal() : value,
      );
      return [name, { dims, data: values }];
    }),
  );
}

describe('CS-Flow', () => {
  it('is undone by its inverse, and the log-dets cancel', () => {
    fc.assert(
      fc.property(configurations, fc.nat(1000), (configuration, seed) => {
        const random = new NumpyRandom(seed);
        const parameters = new Map(
          parameterSpecs(configuration).map(({ name, dims }) => [name, input(name, dims)]),
        );
        const flow = csFlow(configuration, (name) => parameters.get(name)!);
        const feeds: Record<string, Float64Tensor> = { ...weights(configuration, seed) };
        const x = [0, 1, 2].map((s) => {
          const dims = [
            2,
            configuration.channels,
            configuration.mapSize[0] >> s,
            configuration.mapSize[1] >> s,
          ];
          const length = dims.reduce((a, b) => a * b, 1);
          feeds[`x${s}`] = { dims, data: Float64Array.from({ length }, () => random.normal()) };
          return input(`x${s}`, dims);
        });
        const there = flow.forward(x);
        const back = flow.inverse(there.outputs);
        const program: Record<string, Node> = {};
        back.outputs.forEach((node, s) => (program[`x${s}`] = node));
        there.logDets.forEach((node, s) => (program[`forward${s}`] = node!));
        back.logDets.forEach((node, s) => (program[`inverse${s}`] = node!));
        const results = evaluate(program, feeds);
        for (let s = 0; s < 3; s++) {
          results[`x${s}`].data.forEach((value, i) => expect(value).toBeCloseTo(feeds[`x${s}`].data[i], 7));
          results[`forward${s}`].data.forEach((value, i) =>
            expect(value + results[`inverse${s}`].data[i]).toBeCloseTo(0, 7),
          );
        }
      }),
      { numRuns: 15, seed: 3 },
    );
  });
});
