import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden/numpy_seeded_permutations.json', import.meta.url), 'utf8'),
) as Record<string, number[][]>;

describe('NumpyRandom', () => {
  it.each(Object.keys(golden))("permutations of numpy's generator: n_seed %s", (key) => {
    const [n, seed] = key.split('_').map(Number) as [number, number];
    const random = new NumpyRandom(seed);
    for (const expected of golden[key]) expect([...random.permutation(n)]).toEqual(expected);
  });

  it('uniform and normal draws of np.random.RandomState(3)', () => {
    const random = new NumpyRandom(3);
    expect(random.uniform()).toBe(0.5507979025745755);
    for (const expected of [-1.02947147, 1.0248068, 0.98055387])
      expect(random.normal()).toBeCloseTo(expected, 7);
  });

  it.each([-1, 1.5, 2 ** 32, NaN])('refuses the seed %d', (seed) => {
    expect(() => new NumpyRandom(seed)).toThrow(/seed: expected an integer from 0 to 4294967295/);
  });
});
