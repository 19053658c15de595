import { drawUniform, halvesOf } from '../flow/index.js';
import { elementCount } from '../tensor/tensor.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { branchesOf, type FlowConfiguration } from './configuration.js';

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
  kernel: number,
  configuration: FlowConfiguration,
): readonly ParameterSpec[] {
  const { hidden, gamma } = configuration;
  const specs: ParameterSpec[] = [];
  const layer = (name: string, inputs: number, outputs: number): void => {
    const fanIn = inputs * kernel * kernel;
    specs.push({ name: `${prefix}.${name}.weight`, dims: [outputs, inputs, kernel, kernel], fanIn });
    specs.push({ name: `${prefix}.${name}.bias`, dims: [outputs], fanIn });
  };
  for (const { scale } of branchesOf(configuration)) {
    if (gamma) specs.push({ name: `${prefix}.gamma${scale}`, dims: [1] });
    layer(subnetLayers.first(scale), from, hidden);
    layer(subnetLayers.second(scale), hidden, to);
  }
  for (const [fine, coarse] of neighbours(configuration)) {
    layer(subnetLayers.up(coarse, fine), hidden, to);
    layer(subnetLayers.down(fine, coarse), hidden, to);
  }
  return specs;
}

/** Pairs of scales that give to each other. */
export function neighbours(
  configuration: FlowConfiguration,
): readonly (readonly [fine: number, coarse: number])[] {
  if ((configuration.cross ?? 'full') !== 'full') return [];
  const used = branchesOf(configuration).map(({ scale }) => scale);
  return used.filter((scale) => used.includes(scale + 1)).map((scale) => [scale, scale + 1] as const);
}

/** Every learned tensor of the flow, in a fixed order. */
export function parameterSpecs(configuration: FlowConfiguration): readonly ParameterSpec[] {
  const [first, second] = halvesOf(branchesOf(configuration)[0].channels);
  return configuration.kernels.flatMap((kernel, block) => [
    ...subnetParameters(`blocks.${block}.s1`, first, 2 * second, kernel, configuration),
    ...subnetParameters(`blocks.${block}.s2`, second, 2 * first, kernel, configuration),
  ]);
}

export type ParameterValues = ReadonlyMap<string, Float32Array>;

/**
 * Starting values as PyTorch's convolutions have them: uniform in ±1/√fan_in, bias too; gamma 0. One after the other, so
 * that they need not all be in memory beside what they are written to.
 * @param place where they are drawn, one behind the other, of `parameterCount` zeros; default: an array each
 */
export function* drawParameters(
  configuration: FlowConfiguration,
  seed: number,
  place?: Float32Array,
): Generator<readonly [name: string, values: Float32Array]> {
  const random = new NumpyRandom(seed);
  let offset = 0;
  for (const { name, dims, fanIn } of parameterSpecs(configuration)) {
    const length = elementCount(dims);
    const values = place?.subarray(offset, offset + length) ?? new Float32Array(length);
    yield [name, fanIn === undefined ? values : drawUniform(values, fanIn, random)];
    offset += length;
  }
}

/** All of `drawParameters`. */
export const initialParameters = (configuration: FlowConfiguration, seed: number): ParameterValues =>
  new Map(drawParameters(configuration, seed));
