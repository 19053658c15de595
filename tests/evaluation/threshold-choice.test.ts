import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '#csflow/errors.js';
import { f1Max } from '#csflow/evaluation/precision-recall.js';
import { rankScores } from '#csflow/evaluation/ranking.js';
import { costOptimum, f1Optimum } from '#csflow/evaluation/threshold-choice.js';

fc.configureGlobal({ seed: 2022 });

const known = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 20 }), defective: fc.boolean() }), {
    minLength: 2,
    maxLength: 40,
  })
  .filter((images) => new Set(images.map(({ defective }) => defective)).size === 2);
const kinds = (images: readonly { score: number; defective: boolean }[]) => ({
  good: images.filter(({ defective }) => !defective).map(({ score }) => score),
  defective: images.filter(({ defective }) => defective).map(({ score }) => score),
});
/** Thresholds of every kind: below, at, between and above the scores. */
const anyThresholds = Array.from({ length: 46 }, (_, i) => -1 + i / 2);

describe('costOptimum', () => {
  it('costs no more than any other threshold, and says what it does', () => {
    const costs = fc.record({
      missed: fc.constantFrom(1, 10, 0.5),
      rejected: fc.constantFrom(1, 2),
      defectShare: fc.constantFrom(0.01, 0.3, 0.9),
    });
    fc.assert(
      fc.property(known, costs, (images, { missed, rejected, defectShare }) => {
        const good = images.filter(({ defective }) => !defective);
        const defective = images.filter((image) => image.defective);
        const of = (threshold: number) => {
          const accepted = defective.filter(({ score }) => score <= threshold).length;
          const refused = good.filter(({ score }) => score > threshold).length;
          const cost =
            (missed * defectShare * accepted) / defective.length +
            (rejected * (1 - defectShare) * refused) / good.length;
          return { missed: accepted, rejected: refused, cost };
        };
        const { value, ...found } = costOptimum(kinds(images), { missed, rejected, defectShare });
        const there = of(value);
        expect({ ...found, cost: 0 }).toEqual({ ...there, cost: 0 });
        expect(found.cost).toBeCloseTo(there.cost, 12);
        for (const threshold of anyThresholds) {
          expect(found.cost).toBeLessThanOrEqual(of(threshold).cost + 1e-12);
        }
      }),
    );
  });

  it('lies midway in the gap between good and defective ones that are told apart', () => {
    const costs = { missed: 5, rejected: 1, defectShare: 0.1 };
    expect(costOptimum({ good: [2, 1], defective: [9, 6] }, costs)).toEqual({
      value: 4,
      missed: 0,
      rejected: 0,
      cost: 0,
    });
  });

  it('rejects all where a miss is dear, none where it is cheap', () => {
    const scores = { good: [1, 3], defective: [2, 4] };
    expect(
      costOptimum({ good: [2, 3], defective: [1] }, { missed: 1e6, rejected: 1, defectShare: 0.5 }),
    ).toMatchObject({ missed: 0, rejected: 2 });
    expect(costOptimum(scores, { missed: 1, rejected: 1e6, defectShare: 0.5 })).toMatchObject({
      rejected: 0,
    });
  });

  it('refuses senseless costs and shares, and images of one kind', () => {
    const scores = { good: [1], defective: [2] };
    const costs = { missed: 1, rejected: 1, defectShare: 0.5 };
    expect(() => costOptimum(scores, { ...costs, missed: 0 })).toThrow(/cost-missed: .* got 0/);
    expect(() => costOptimum(scores, { ...costs, rejected: Infinity })).toThrow(/cost-rejected/);
    expect(() => costOptimum(scores, { ...costs, defectShare: 1 })).toThrow(/defect-share/);
    expect(() => costOptimum({ good: [1, 2], defective: [] }, costs)).toThrow(UserError);
  });
});

describe('f1Optimum', () => {
  it('reaches the maximum of the measure, at a threshold that makes the same verdicts', () => {
    fc.assert(
      fc.property(known, (images) => {
        const best = f1Max(
          rankScores(
            images.map(({ score }) => score),
            images.map(({ defective }) => defective),
          ),
        )!;
        const { value, f1, missed, rejected } = f1Optimum(kinds(images));
        expect(f1).toBeCloseTo(best.f1, 12);
        const found = images.filter(({ defective, score }) => defective && score > value).length;
        const refused = images.filter(({ defective, score }) => !defective && score > value).length;
        const defective = images.filter((image) => image.defective).length;
        expect([missed, rejected]).toEqual([defective - found, refused]);
        expect((2 * found) / (defective + found + refused)).toBeCloseTo(f1, 12);
      }),
    );
  });

  it('refuses images of one kind', () => {
    expect(() => f1Optimum({ good: [], defective: [1, 2] })).toThrow(/got 0 and 2/);
  });
});
