import { averagePrecision, f1Max, type F1Max } from './precision-recall.js';
import { rankScores, type RankedScores } from './ranking.js';
import { auroc, fprAtTpr } from './roc.js';

/** The measures of ranking. Each is undefined where good or defective ones are missing. */
export interface RankingMetrics {
  readonly auroc: number | undefined;
  readonly averagePrecision: number | undefined;
  readonly f1Max: F1Max | undefined;
  readonly fprAtTpr95: number | undefined;
}

export function rankingMetrics(ranked: RankedScores): RankingMetrics {
  return {
    auroc: auroc(ranked),
    averagePrecision: averagePrecision(ranked),
    f1Max: f1Max(ranked),
    fprAtTpr95: fprAtTpr(ranked, 0.95),
  };
}

/**
 * The measures of ranking over images.
 * @param labels 1 or true = defective
 * @throws RangeError as {@link rankScores}
 */
export function imageMetrics(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): RankingMetrics {
  return rankingMetrics(rankScores(scores, labels));
}
