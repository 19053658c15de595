import { describe, expect, it } from 'vitest';
import { sortGoodScores } from '#csflow/evaluation/good-scores.js';
import { partCorrelation } from '#csflow/evaluation/part-correlation.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { drawParts } from './drawn-scores.js';

describe('partCorrelation', () => {
  it.each([0, 0.3, 0.8])('finds how alike images are: %f', (correlation) => {
    const { scores, groups } = drawParts(new NumpyRandom(4), 600, 5, correlation);
    const found = partCorrelation(sortGoodScores(scores, groups));
    // Of ranks it is (6/π) asin(ρ/2) (Kruskal 1958).
    expect(Math.abs(found - (6 / Math.PI) * Math.asin(correlation / 2))).toBeLessThan(0.04);
  });

  it('is 0 for images of parts of their own, and nearly 1 for one part or parts all alike', () => {
    expect(partCorrelation(sortGoodScores([3, 1, 2]))).toBe(0);
    expect(partCorrelation(sortGoodScores([3, 1, 2], ['a', 'a', 'a']))).toBe(0.9999);
    const alike = sortGoodScores([1, 1.1, 5, 5.1, 9, 9.1], ['a', 'a', 'b', 'b', 'c', 'c']);
    expect(partCorrelation(alike)).toBeCloseTo(7.5 / 8.5, 12);
    expect(partCorrelation(alike)).toBeLessThan(1);
  });

  it('sees parts that are odd as a whole, though the others are not alike', () => {
    const random = new NumpyRandom(8);
    const groups = Array.from({ length: 400 }, (_, i) => Math.floor(i / 4));
    const scores = groups.map((part) => random.normal() + (part < 8 ? 5 : 0));
    expect(partCorrelation(sortGoodScores(scores, groups))).toBeGreaterThan(0.6);
  });
});
