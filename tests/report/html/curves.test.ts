import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auroc, averagePrecision, rankScores } from '#csflow/evaluation/index.js';
import {
  effectOf,
  effectsAtRates,
  precisionRecallCurve,
  rocCurve,
  type Point,
} from '#csflow/report/html/curves.js';

fc.configureGlobal({ seed: 2022 });

/** With many ties. */
const scores = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 });
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const areaUnder = (points: readonly Point[]): number =>
  points.slice(1).reduce((sum, { x, y }, i) => sum + ((x - points[i].x) * (y + points[i].y)) / 2, 0);
const ranked = (good: readonly number[], defective: readonly number[]) =>
  rankScores([...good, ...defective], [...good.map(() => 0), ...defective.map(() => 1)]);

describe('rocCurve', () => {
  it('has the area that the AUROC says, and rises from (0, 0) to (1, 1)', () => {
    fc.assert(
      fc.property(scores, scores, (good, defective) => {
        const curve = rocCurve({ good: ascending(good), defective: ascending(defective) });
        expect(areaUnder(curve)).toBeCloseTo(auroc(ranked(good, defective))!, 12);
        expect([curve[0], curve.at(-1)]).toEqual([
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ]);
        curve.slice(1).forEach(({ x, y }, i) => expect(x >= curve[i].x && y >= curve[i].y).toBe(true));
      }),
    );
  });

  it('is empty where a class is missing', () => {
    expect(rocCurve({ good: [1], defective: [] })).toEqual([]);
    expect(rocCurve({ good: [], defective: [1] })).toEqual([]);
  });

  it('stays small for many pictures, and keeps its area', () => {
    const good = ascending(Array.from({ length: 20_000 }, (_, i) => Math.sin(i)));
    const defective = ascending(Array.from({ length: 20_000 }, (_, i) => Math.sin(i * 1.7) + 0.4));
    const curve = rocCurve({ good, defective });
    expect(curve.length).toBeLessThan(4_100);
    expect(areaUnder(curve)).toBeCloseTo(auroc(ranked(good, defective))!, 3);
  });
});

describe('precisionRecallCurve', () => {
  it('has the area that the average precision says', () => {
    fc.assert(
      fc.property(scores, scores, (good, defective) => {
        const curve = precisionRecallCurve({ good: ascending(good), defective: ascending(defective) });
        expect(areaUnder(curve)).toBeCloseTo(averagePrecision(ranked(good, defective))!, 12);
        expect([curve[0].x, curve.at(-1)!.x]).toEqual([0, 1]);
      }),
    );
  });
});

describe('what thresholds do', () => {
  const sets = { good: [1, 2, 2, 3, 9], defective: [2, 5, 9, 10] };

  it('counts as rejected what lies above, not at it', () => {
    expect(effectOf(sets, 2)).toEqual({ threshold: 2, goodRejected: 2, defectsFound: 3 });
    expect(effectOf(sets, 0)).toEqual({ threshold: 0, goodRejected: 5, defectsFound: 4 });
    expect(effectOf(sets, 10)).toEqual({ threshold: 10, goodRejected: 0, defectsFound: 0 });
  });

  it('finds the lowest threshold that keeps to a rate, each threshold once', () => {
    expect(effectsAtRates(sets, [0, 0.1, 0.2, 0.5, 1])).toEqual([
      { threshold: 9, goodRejected: 0, defectsFound: 1 },
      { threshold: 3, goodRejected: 1, defectsFound: 3 },
      { threshold: 2, goodRejected: 2, defectsFound: 3 },
      { threshold: 1, goodRejected: 4, defectsFound: 4 },
    ]);
    expect(effectsAtRates({ good: [], defective: [1] })).toEqual([]);
  });

  it('never rejects more than the rate', () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (good, rate) => {
        const [effect] = effectsAtRates({ good: ascending(good), defective: [] }, [rate]);
        expect(effect.goodRejected / good.length).toBeLessThanOrEqual(rate + 1e-9);
      }),
    );
  });
});
