import { hasBothClasses, sweepThresholds, type RankedScores } from './ranking.js';

/**
 * Area under the ROC curve: the probability that a defective one scores higher than a good one, ties counting
 * one half (Mann–Whitney U / (good · defective)). Undefined where one of the classes is missing.
 */
export function auroc(ranked: RankedScores): number | undefined {
  if (!hasBothClasses(ranked)) return undefined;
  let pairsWonTwice = 0;
  let before = 0;
  sweepThresholds(ranked, ({ truePositives, goodAbove, goodAtLeast }) => {
    pairsWonTwice += (truePositives - before) * (2 * ranked.good - goodAbove - goodAtLeast);
    before = truePositives;
  });
  return pairsWonTwice / 2 / (ranked.good * ranked.defective);
}

/**
 * The smallest share of good ones called defective at which at least `tpr` (default 0.95) of the defective ones
 * are found. Undefined where one of the classes is missing.
 * @throws RangeError unless 0 < tpr ≤ 1
 */
export function fprAtTpr(ranked: RankedScores, tpr = 0.95): number | undefined {
  if (!(tpr > 0 && tpr <= 1)) throw new RangeError(`tpr: expected 0 < tpr ≤ 1, got ${tpr}`);
  if (!hasBothClasses(ranked)) return undefined;
  let falsePositives: number | undefined;
  sweepThresholds(ranked, ({ truePositives, goodAtLeast }) => {
    if (truePositives / ranked.defective >= tpr) falsePositives ??= goodAtLeast;
  });
  return falsePositives! / ranked.good;
}
