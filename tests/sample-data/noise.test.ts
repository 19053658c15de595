import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grain, hash, smoothNoise } from '#csflow/data/sample-data/noise.js';

fc.configureGlobal({ seed: 2022 });
const seeds = fc.integer({ min: 0, max: 0x7fffffff });

describe('noise', () => {
  it('stays in −1 … 1, is continuous and depends on the seed', () => {
    const place = fc.double({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(seeds, place, place, (seed, x, y) => {
        const value = smoothNoise(seed, x, y);
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        expect(Math.abs(smoothNoise(seed, x + 1e-6, y - 1e-6) - value)).toBeLessThan(1e-4);
      }),
    );
    const row = (seed: number) => Array.from({ length: 20 }, (_, i) => smoothNoise(seed, i * 0.7, 0.3));
    expect(row(1)).toEqual(row(1));
    expect(row(1)).not.toEqual(row(2));
  });

  it('grain has mean 0 and deviation 1', () => {
    const values = Array.from({ length: 50_000 }, (_, i) => grain(9, i));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.sqrt(variance)).toBeCloseTo(1, 1);
  });

  it('hash tells neighbours and orders apart', () => {
    const all = new Set<number>();
    for (let a = 0; a < 40; a++) for (let b = 0; b < 40; b++) all.add(hash(a, b));
    expect(all.size).toBe(1600);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
    expect(hash(1, 2)).not.toBe(hash(2, 1));
  });
});
