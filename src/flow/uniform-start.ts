import type { NumpyRandom } from '../tensor/numpy-random.js';

/** PyTorch's default start of a layer: uniform in ±1/√fan_in, weights and bias alike. */
export function uniformStart(length: number, fanIn: number, random: NumpyRandom): Float32Array {
  return drawUniform(new Float32Array(length), fanIn, random);
}

/** `uniformStart` written into an array, which is given back. */
export function drawUniform(values: Float32Array, fanIn: number, random: NumpyRandom): Float32Array {
  const bound = 1 / Math.sqrt(fanIn);
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
  return values;
}
