import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { atMost, exceedanceMasses } from '#csflow/evaluation/exceedance-counts.js';

/** Values of scipy; the program stands beside them. */
interface Golden {
  readonly beta_binomials: readonly {
    readonly size: number;
    readonly rate: number;
    readonly correlation: number;
    readonly masses: readonly number[];
  }[];
  readonly sums: readonly {
    readonly sizes: readonly number[];
    readonly count: number;
    readonly rate: number;
    readonly correlation: number;
    readonly probability: number;
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden/count_distributions.json', import.meta.url), 'utf8'),
) as Golden;

const partsOf = (sizes: readonly number[]): ReadonlyMap<number, number> => {
  const parts = new Map<number, number>();
  for (const size of sizes) parts.set(size, (parts.get(size) ?? 0) + 1);
  return parts;
};

describe('exceedanceMasses', () => {
  it.each(golden.beta_binomials)('is scipy’s betabinom: $size, $rate, $correlation', (made) => {
    const masses = exceedanceMasses(made.size, made.rate, made.correlation, made.size);
    expect(masses.length).toBe(made.masses.length);
    made.masses.forEach((mass, c) => expect(Math.abs(masses[c] - mass)).toBeLessThan(1e-12));
    expect([...exceedanceMasses(made.size, made.rate, made.correlation, 1)]).toEqual([
      ...masses.subarray(0, 2),
    ]);
  });

  it('is all or none near a correlation of 1', () => {
    const masses = exceedanceMasses(6, 0.2, 0.999999, 6);
    expect(masses[0]).toBeCloseTo(0.8, 4);
    expect(masses[6]).toBeCloseTo(0.2, 4);
  });

  it('stays exact where the first mass is too small for a double', () => {
    const masses = exceedanceMasses(10_000, 0.5, 0, 10_000);
    expect(masses[0]).toBe(0);
    expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9);
  });
});

describe('atMost', () => {
  it.each(golden.sums)('is the convolution of all parts: at most $count at $rate, $correlation', (made) => {
    const found = atMost(made.count, partsOf(made.sizes), made.rate, made.correlation);
    expect(Math.abs(found - made.probability)).toBeLessThan(1e-12);
  });

  it('knows the ends', () => {
    const parts = partsOf([2, 3]);
    expect(atMost(-1, parts, 0.5, 0.2)).toBe(0);
    expect(atMost(5, parts, 0.5, 0.2)).toBe(1);
    expect(atMost(2, parts, 0, 0.2)).toBe(1);
    expect(atMost(2, parts, 1, 0.2)).toBe(0);
  });
});
