import { hasBothClasses, sweepThresholds, type RankedScores } from './ranking.js';

/**
 * Average precision Σ (Rₙ − Rₙ₋₁)·Pₙ over the distinct thresholds, precision P and recall R, without
 * interpolation (the definition of scikit-learn). Undefined where one of the classes is missing.
 */
export function averagePrecision(ranked: RankedScores): number | undefined {
  if (!hasBothClasses(ranked)) return undefined;
  let sum = 0;
  let before = 0;
  sweepThresholds(ranked, ({ truePositives, goodAtLeast }) => {
    sum += ((truePositives - before) * truePositives) / (truePositives + goodAtLeast);
    before = truePositives;
  });
  return sum / ranked.defective;
}

export interface F1Max {
  readonly f1: number;
  /** Called defective where score ≥ threshold; the lowest of those that reach the maximum. */
  readonly threshold: number;
}

/**
 * The largest F1 = 2·TP / (2·TP + FP + FN) any threshold gives. It is chosen on the scores it is measured on,
 * so it flatters; for a verdict use a calibrated threshold. Undefined where one of the classes is missing.
 */
export function f1Max(ranked: RankedScores): F1Max | undefined {
  if (!hasBothClasses(ranked)) return undefined;
  let best: F1Max = { f1: 0, threshold: Infinity };
  sweepThresholds(ranked, ({ threshold, truePositives, goodAtLeast }) => {
    const f1 = (2 * truePositives) / (truePositives + goodAtLeast + ranked.defective);
    if (f1 >= best.f1) best = { f1, threshold };
  });
  return best;
}
