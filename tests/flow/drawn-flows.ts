import fc from 'fast-check';
import {
  initialParameters,
  parameterSpecs,
  type FlowConfiguration,
  type ParameterValues,
} from '#csflow/csflow/index.js';
import type { Float64Tensor } from '#csflow/graph/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

export interface DrawnFlow {
  readonly configuration: FlowConfiguration;
  readonly seed: number;
  /** Fresh weights have every gamma at 0; those of a training do not. */
  readonly trained: boolean;
}

/** Any configuration with maps up to 4·`side`, up to so many channels and blocks. */
export const drawnFlows = (limits: { channels: number; side: number; hidden: number; blocks: number }) => {
  const side = fc.integer({ min: 1, max: limits.side }).map((quarter) => 4 * quarter);
  return fc.record<DrawnFlow>({
    configuration: fc.record({
      channels: fc.integer({ min: 2, max: limits.channels }),
      mapSize: fc.tuple(side, side),
      hidden: fc.integer({ min: 1, max: limits.hidden }),
      kernels: fc.array(fc.constantFrom(1, 3, 5), { minLength: 1, maxLength: limits.blocks }),
      clamp: fc.constantFrom(0, 3),
      gamma: fc.boolean(),
    }),
    seed: fc.nat(1000),
    trained: fc.boolean(),
  });
};

/** Gammas after a training are as large as in the golden cases: within about ± 0.6. */
export function drawnParameters({ configuration, seed, trained }: DrawnFlow): ParameterValues {
  const random = new NumpyRandom(seed);
  return new Map(
    [...initialParameters(configuration, seed)].map(([name, values]) => [
      name,
      trained && name.includes('gamma') ? values.map(() => 1.2 * random.uniform() - 0.6) : values,
    ]),
  );
}

export function doubles(parameters: ParameterValues, configuration: FlowConfiguration) {
  return Object.fromEntries(
    parameterSpecs(configuration).map(({ name, dims }): [string, Float64Tensor] => [
      name,
      { dims, data: Float64Array.from(parameters.get(name)!) },
    ]),
  );
}

/** Features of so many samples at the three scales. */
export function drawnMaps({ configuration, seed }: DrawnFlow, samples: number): readonly Float64Tensor[] {
  const random = new NumpyRandom(seed + 1);
  const { channels, mapSize } = configuration;
  return [0, 1, 2].map((s) => {
    const dims = [samples, channels, mapSize[0] >> s, mapSize[1] >> s];
    const length = dims.reduce((a, b) => a * b, 1);
    return { dims, data: Float64Array.from({ length }, () => 2 * random.normal()) };
  });
}
