import { mersenne } from 'pure-rand/generator/mersenne';

/**
 * numpy's legacy generator (`np.random.seed(seed)`): the same stream of permutations and uniforms, so that a
 * flow built here has the permutations of one built with the original code.
 */
export class NumpyRandom {
  readonly #generator;
  #spareNormal: number | undefined;

  /** @param seed an integer from 0 to 2^32 − 1 */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new RangeError(`seed: expected an integer from 0 to 4294967295, got ${seed}`);
    }
    this.#generator = mersenne(seed | 0);
  }

  /** `random_sample()`: uniform in [0, 1) with 53 bits. */
  uniform(): number {
    const high = this.#nextUint32() >>> 5;
    const low = this.#nextUint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** An integer from 0 to `max`, both included (masked rejection, as numpy's `random_interval`). */
  integerUpTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.#nextUint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  /** `permutation(n)`: a shuffled `0 … n − 1`. */
  permutation(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }

  /** `shuffle(values)`, in place; the same array is returned. */
  shuffle<T extends Int32Array | unknown[]>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integerUpTo(i);
      const kept = values[i]!;
      values[i] = values[j]!;
      values[j] = kept;
    }
    return values;
  }

  /** `standard_normal()` of the legacy generator (polar Box–Muller; every second value is the kept spare). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const squared = x * x + y * y;
      if (squared >= 1 || squared === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(squared)) / squared);
      this.#spareNormal = factor * x;
      return factor * y;
    }
  }

  #nextUint32(): number {
    return this.#generator.next() >>> 0;
  }
}
