import { describe, expect, it } from 'vitest';
import { aurocInterval } from '#csflow/evaluation/auroc-interval.js';
import { proportionInterval } from '#csflow/evaluation/proportion-interval.js';

describe('proportionInterval', () => {
  it.each([
    [5, 20, 0.08657147, 0.49104587],
    [1, 10, 0.002528579, 0.445016117],
    [0, 30, 0, 1 - 0.025 ** (1 / 30)],
    [30, 30, 0.025 ** (1 / 30), 1],
    [500, 1000, 0.46854917297, 0.53145082703],
    [37, 90, 0.3084185841, 0.5198220982],
  ])('%i of %i, as scipy.stats.binomtest', (count, of, low, high) => {
    const interval = proportionInterval(count, of);
    expect(interval[0]).toBeCloseTo(low, 7);
    expect(interval[1]).toBeCloseTo(high, 7);
  });

  it.each([1, 7, 40])('of %i holds any true share with at least 95 %%', (of) => {
    const intervals = Array.from({ length: of + 1 }, (_, count) => proportionInterval(count, of));
    for (let share = 0.003; share < 1; share += 0.0101) {
      let probability = (1 - share) ** of;
      let covered = 0;
      for (const [count, [low, high]] of intervals.entries()) {
        if (low <= share && share <= high) covered += probability;
        probability *= ((of - count) / (count + 1)) * (share / (1 - share));
      }
      expect(covered).toBeGreaterThanOrEqual(0.95 - 1e-12);
    }
  });

  it('refuses what is no count', () => {
    for (const [count, of] of [
      [-1, 5],
      [6, 5],
      [0.5, 5],
      [0, 0],
      [NaN, 5],
    ]) {
      expect(() => proportionInterval(count, of)).toThrow(RangeError);
    }
  });
});

describe('aurocInterval', () => {
  it('equals published values of Newcombe’s method 5 (6 and 7 ones, AUROC 11/12)', () => {
    const [low, high] = aurocInterval(11 / 12, 6, 7);
    expect(low).toBeCloseTo(0.5973193600384168, 9);
    expect(high).toBeCloseTo(0.9859976893703788, 9);
  });

  it('stays within 0 and 1, is no point at the ends and mirrors', () => {
    const [low, high] = aurocInterval(1, 20, 10);
    expect(high).toBe(1);
    expect(low).toBeGreaterThan(0.8);
    expect(low).toBeLessThan(0.95);
    const [mirroredLow, mirroredHigh] = aurocInterval(0, 20, 10);
    expect(mirroredLow).toBe(0);
    expect(mirroredHigh).toBeCloseTo(1 - low, 12);
  });
});
