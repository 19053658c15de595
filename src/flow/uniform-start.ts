import type { NumpyRandom } from '../tensor/numpy-random.js';

/** PyTorch's default start of a layer: uniform in ±1/√fan_in, weights and bias alike. */
export function uniformStart(length: number, fanIn: number, random: NumpyRandom): Float32Array {
  const bound = 1 / Math.sqrt(fanIn);
  return Float32Array.from({ length }, () => (2 * random.uniform() - 1) * bound);
}
