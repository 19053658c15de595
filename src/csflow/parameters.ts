import { elementCount } from '../tensor/tensor.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { scales, type FlowConfiguration } from './configuration.js';

export interface ParameterSpec {
  /** `blocks.<k>.<s1|s2>.<layer>.<weight|bias>` or `blocks.<k>.<s1|s2>.gamma<scale>`. */
  readonly name: string;
  readonly dims: readonly number[];
  /** Inputs of one output value; undefined for gamma, which starts at 0. */
  readonly fanIn?: number;
}

/** The layers of one subnet, named as in the published code. */
export const subnetLayers = {
  first: (scale: number): string => `conv_scale${scale}_0`,
  second: (scale: number): string => `conv_scale${scale}_1`,
  up: (from: number, to: number): string => `up_conv${from}${to}`,
  down: (from: number, to: number): string => `down_conv${from}${to}`,
};

function subnetParameters(
  prefix: string,
  from: number,
  to: number,
  hidden: number,
  kernel: number,
  gamma: boolean,
) {
  const specs: ParameterSpec[] = [];
  const layer = (name: string, inputs: number, outputs: number): void => {
    const fanIn = inputs * kernel * kernel;
    specs.push({ name: `${prefix}.${name}.weight`, dims: [outputs, inputs, kernel, kernel], fanIn });
    specs.push({ name: `${prefix}.${name}.bias`, dims: [outputs], fanIn });
  };
  for (let s = 0; s < scales; s++) {
    if (gamma) specs.push({ name: `${prefix}.gamma${s}`, dims: [1] });
    layer(subnetLayers.first(s), from, hidden);
    layer(subnetLayers.second(s), hidden, to);
  }
  for (let s = 0; s + 1 < scales; s++) {
    layer(subnetLayers.up(s + 1, s), hidden, to);
    layer(subnetLayers.down(s, s + 1), hidden, to);
  }
  return specs;
}

/** Channels of the two halves of a coupling: floor(C/2) and the rest. */
export function halvesOf({ channels }: FlowConfiguration): readonly [first: number, second: number] {
  const first = Math.floor(channels / 2);
  return [first, channels - first];
}

/** Every learned tensor of the flow, in a fixed order. */
export function parameterSpecs(configuration: FlowConfiguration): readonly ParameterSpec[] {
  const { hidden, kernels, gamma } = configuration;
  const [first, second] = halvesOf(configuration);
  return kernels.flatMap((kernel, block) => [
    ...subnetParameters(`blocks.${block}.s1`, first, 2 * second, hidden, kernel, gamma),
    ...subnetParameters(`blocks.${block}.s2`, second, 2 * first, hidden, kernel, gamma),
  ]);
}

export type ParameterValues = ReadonlyMap<string, Float32Array>;

/** Starting values as PyTorch's convolutions have them: uniform in ±1/√fan_in, bias too; gamma 0. */
export function initialParameters(configuration: FlowConfiguration, seed: number): ParameterValues {
  const random = new NumpyRandom(seed);
  return new Map(
    parameterSpecs(configuration).map(({ name, dims, fanIn }) => {
      const values = new Float32Array(elementCount(dims));
      if (fanIn !== undefined) {
        const bound = 1 / Math.sqrt(fanIn);
        for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
      }
      return [name, values];
    }),
  );
}
