import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageMetrics } from '#csflow/evaluation/image-metrics.js';
import { rankScores } from '#csflow/evaluation/ranking.js';
import { auroc, fprAtTpr } from '#csflow/evaluation/roc.js';

fc.configureGlobal({ seed: 2022 });

/** Few different scores, so that ties are common; both classes present. */
const scored = fc
  .array(fc.record({ score: fc.integer({ min: -4, max: 4 }), defective: fc.boolean() }), { maxLength: 40 })
  .map((items) => [...items, { score: 0, defective: false }, { score: 1, defective: true }])
  .map((items) => ({
    scores: items.map(({ score }) => score),
    labels: items.map(({ defective }) => defective),
  }));

interface Confusion {
  readonly threshold: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** Every threshold anew, from the highest score down. */
function confusions(scores: readonly number[], labels: readonly boolean[]): Confusion[] {
  const thresholds = [...new Set(scores)].sort((a, b) => b - a);
  const count = (found: boolean, defective: boolean, threshold: number) =>
    scores.filter((score, i) => score >= threshold === found && labels[i] === defective).length;
  return thresholds.map((threshold) => ({
    threshold,
    tp: count(true, true, threshold),
    fp: count(true, false, threshold),
    fn: count(false, true, threshold),
    tn: count(false, false, threshold),
  }));
}

describe('image metrics', () => {
  it('AUROC is the share of pairs in the right order, ties one half', () => {
    fc.assert(
      fc.property(scored, ({ scores, labels }) => {
        const good = scores.filter((_, i) => !labels[i]);
        const defective = scores.filter((_, i) => labels[i]);
        let won = 0;
        for (const d of defective) for (const g of good) won += d > g ? 1 : d === g ? 0.5 : 0;
        expect(imageMetrics(scores, labels).auroc).toBeCloseTo(won / good.length / defective.length, 12);
      }),
    );
  });

  it('AP, F1-max and FPR at 95 % TPR equal their definitions at every threshold', () => {
    fc.assert(
      fc.property(scored, ({ scores, labels }) => {
        const points = confusions(scores, labels);
        let recall = 0;
        let averagePrecision = 0;
        for (const { tp, fp, fn } of points) {
          averagePrecision += (tp / (tp + fn) - recall) * (tp / (tp + fp));
          recall = tp / (tp + fn);
        }
        const f1 = ({ tp, fp, fn }: Confusion) => (2 * tp) / (2 * tp + fp + fn);
        const best = Math.max(...points.map(f1));
        const fprs = points
          .filter(({ tp, fn }) => tp / (tp + fn) >= 0.95)
          .map(({ fp, tn }) => fp / (fp + tn));

        const metrics = imageMetrics(scores, labels);
        expect(metrics.averagePrecision).toBeCloseTo(averagePrecision, 12);
        expect(metrics.f1Max!.f1).toBeCloseTo(best, 12);
        const lowest = Math.min(...points.filter((p) => f1(p) === best).map((p) => p.threshold));
        expect(metrics.f1Max!.threshold).toBe(lowest);
        expect(metrics.fprAtTpr95).toBeCloseTo(Math.min(...fprs), 12);
      }),
    );
  });

  it('depends on the order of the scores only', () => {
    fc.assert(
      fc.property(scored, ({ scores, labels }) => {
        const { f1Max, ...metrics } = imageMetrics(scores, labels);
        const { f1Max: stretchedF1Max, ...stretched } = imageMetrics(
          scores.map((score) => Math.exp(score) * 1e-300),
          labels,
        );
        expect(stretched).toEqual(metrics);
        expect(stretchedF1Max!.f1).toBe(f1Max!.f1);
      }),
    );
  });

  it.each([
    ['no scores', [], []],
    ['good ones only', [1, 2, 3], [0, 0, 0]],
    ['defective ones only', [1, 2], [1, 1]],
  ])('is undefined for %s', (_, scores, labels) => {
    expect(imageMetrics(scores, labels)).toEqual({
      auroc: undefined,
      averagePrecision: undefined,
      f1Max: undefined,
      fprAtTpr95: undefined,
    });
  });

  it('ranks infinite scores', () => {
    expect(imageMetrics([-Infinity, 0, Infinity, Infinity], [0, 0, 1, 0]).auroc).toBe(2.5 / 3);
  });

  it('all scores equal: no better than chance', () => {
    const metrics = imageMetrics(new Float32Array(10), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(metrics.auroc).toBe(0.5);
    expect(metrics.averagePrecision).toBe(0.1);
    expect(metrics.fprAtTpr95).toBe(1);
  });

  it('reads labels of both kinds', () => {
    const scores = [3, 1, 2];
    expect(imageMetrics(scores, [true, false, true])).toEqual(imageMetrics(scores, Uint8Array.of(1, 0, 1)));
  });

  it('refuses NaN by its index, and labels of another length', () => {
    expect(() => imageMetrics([1, 2, NaN], [0, 1, 0])).toThrow(RangeError);
    expect(() => imageMetrics([1, 2, NaN], [0, 1, 0])).toThrow('scores[2]');
    expect(() => imageMetrics([1, 2], [0])).toThrow('labels: expected 2');
  });

  it('FPR at another TPR; refuses one outside (0, 1]', () => {
    const ranked = rankScores([1, 2, 3, 4, 5], [0, 1, 0, 1, 1]);
    expect(fprAtTpr(ranked, 0.6)).toBe(0);
    expect(fprAtTpr(ranked, 0.7)).toBe(0.5);
    expect(auroc(ranked)).toBe(5 / 6);
    for (const tpr of [0, -1, 1.01, NaN]) expect(() => fprAtTpr(ranked, tpr)).toThrow(RangeError);
  });
});
