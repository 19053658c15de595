import { describe, expect, it } from 'vitest';
import { csFlow, initialParameters, parameterSpecs, type FlowConfiguration } from '#csflow/csflow/index.js';
import { input, type Float64Tensor } from '#csflow/graph/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { logAbsDeterminant, runModule } from './jacobian.js';

const base: FlowConfiguration = {
  channels: 2,
  mapSize: [4, 4],
  hidden: 2,
  kernels: [3],
  clamp: 3,
  gamma: true,
};

describe("the log-det agrees with the Jacobian's determinant", () => {
  it.each<[string, FlowConfiguration]>([
    ['clamp 3', base],
    ['no clamp', { ...base, clamp: 0 }],
    ['an odd number of channels', { ...base, channels: 3 }],
    ['two blocks, kernels 1 and 5', { ...base, kernels: [1, 5] }],
  ])('%s', (_, configuration) => {
    const random = new NumpyRandom(4);
    const initial = initialParameters(configuration, 4);
    const specs = parameterSpecs(configuration);
    const parameters: Record<string, Float64Tensor> = Object.fromEntries(
      specs.map(({ name, dims, fanIn }) => [
        name,
        {
          dims,
          data: Float64Array.from(initial.get(name)!, (value) =>
            fanIn === undefined ? random.normal() : value,
          ),
        },
      ]),
    );
    const nodes = new Map(specs.map(({ name, dims }) => [name, input(name, dims)]));
    const flow = csFlow(configuration, (name) => nodes.get(name)!);
    const x = [0, 1, 2].map((s) => {
      const dims = [1, configuration.channels, 4 >> s, 4 >> s];
      const length = dims.reduce((a, b) => a * b);
      return { dims, data: Float64Array.from({ length }, () => random.normal()) };
    });
    const { logDet, jacobian } = runModule(flow, x, parameters);
    expect(logDet).toBeCloseTo(logAbsDeterminant(jacobian()), 6);
    expect(Math.abs(logDet)).toBeGreaterThan(0.1);
  });
});
