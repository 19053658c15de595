import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogram } from '#csflow/report/html/histogram.js';

fc.configureGlobal({ seed: 2022 });

const score = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const scores = fc.array(score, { maxLength: 60 });

describe('histogram', () => {
  it('counts every score once, on its own side of the threshold', () => {
    fc.assert(
      fc.property(scores, scores, score, (one, other, threshold) => {
        const { edges, counts } = histogram([one, other], threshold);
        expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1])).toBe(true);
        const at = edges.indexOf(threshold);
        expect(at).toBeGreaterThan(0);
        [one, other].forEach((list, c) => {
          const total = (row: readonly number[]): number => row.reduce((sum, count) => sum + count, 0);
          expect(total(counts[c])).toBe(list.length);
          expect(total(counts[c].slice(at))).toBe(list.filter((value) => value > threshold).length);
        });
      }),
    );
  });

  it('counts by the logarithm where the scores span decades, and by value where not', () => {
    expect(histogram([[0.01, 5]], 0.1).logarithmic).toBe(true);
    expect(histogram([[1, 5]], 2).logarithmic).toBe(false);
    expect(histogram([[0, 500]], 2).logarithmic).toBe(false);
    expect(histogram([[1, 2, 3]], 2, 10).edges.map((edge) => Number(edge.toFixed(9)))).toEqual([
      1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.4, 2.6, 2.8, 3,
    ]);
  });

  it('has bins even where all scores are one, or there are none', () => {
    expect(histogram([[3, 3, 3]], 3).counts).toEqual([[3, 0]]);
    expect(histogram([[], []], 3).counts).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(histogram([[0]], 0).counts).toEqual([[1, 0]]);
  });

  it('leaves out what is not finite', () => {
    expect(histogram([[1, Infinity, 2]], 1.5).counts[0].reduce((sum, count) => sum + count)).toBe(2);
  });
});
