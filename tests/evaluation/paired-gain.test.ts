import { describe, expect, it } from 'vitest';
import { pairedGain } from '#csflow/evaluation/paired-gain.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

describe('pairedGain', () => {
  it('gives the mean difference and Student’s interval', () => {
    // Deviation √(5/3), 1.5 ± 3.1824 · √(5/3) / 2.
    const { mean, low, high } = pairedGain([5, 5, 5, 5], [5, 4, 3, 2]);
    expect(mean).toBe(1.5);
    expect(low).toBeCloseTo(-0.554, 3);
    expect(high).toBeCloseTo(3.554, 3);
  });

  it('knows nothing of its uncertainty from one pair', () => {
    expect(pairedGain([3], [1])).toEqual({ mean: 2, low: -Infinity, high: Infinity });
  });

  it('covers the true mean as often as it says, for few pairs and for many', () => {
    const random = new NumpyRandom(5);
    for (const pairs of [2, 3, 5, 12, 18, 40]) {
      const trials = 4000;
      let covered = 0;
      for (let trial = 0; trial < trials; trial++) {
        const draw = () => Float64Array.from({ length: pairs }, () => random.normal());
        const { low, high } = pairedGain(draw(), draw());
        if (low <= 0 && high >= 0) covered++;
      }
      const noise = 4 * Math.sqrt((0.95 * 0.05) / trials);
      expect(covered / trials).toBeGreaterThan(0.95 - noise);
      expect(covered / trials).toBeLessThan(0.95 + noise + 0.005);
    }
  });

  it('refuses lists that are no pairs', () => {
    expect(() => pairedGain([], [])).toThrow(RangeError);
    expect(() => pairedGain([1, 2], [1])).toThrow('got 2 and 1');
  });
});
