import type { NumpyRandom } from '../tensor/numpy-random.js';

/** PyTorch's default start of a layer: uniform in ±1/√fan_in, weights and bias alike. */
export function uniformStart(values: Float32Array, fanIn: number, random: NumpyRandom): Float32Array {
  const bound = 1 / Math.sqrt(fanIn);
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
  return values;
}
