import { UserError } from '../errors.js';

/** What the calibration split, good images held out of training, says about scores. */
export interface Calibration {
  /** An image is called defective where its score > threshold. */
  readonly threshold: number;
  /** The share of good parts that may be rejected, as asked for. */
  readonly falseRejectRate: number;
  /** Scores of the calibration images, ascending. */
  readonly scores: Float64Array;
  /** False where the images are too few to promise that rate; the threshold is then the largest score. */
  readonly enough: boolean;
  /** The fewest calibration images that can promise that rate. */
  readonly neededImages: number;
}

/**
 * The threshold from good images alone (split conformal prediction; Vovk et al. 2005, Lei et al. 2018): the
 * k-th smallest of n scores, k = ⌈(n + 1)(1 − α)⌉. If the calibration images and a new good image are
 * exchangeable, the new one is rejected with probability ≤ α, whatever the distribution of scores.
 * @param falseRejectRate α, 0 < α < 1, default 0.01
 * @throws UserError for another rate and without scores; RangeError for a NaN score (names its index)
 */
export function calibrate(scores: ArrayLike<number>, falseRejectRate = 0.01): Calibration {
  if (!(falseRejectRate > 0 && falseRejectRate < 1)) {
    throw new UserError(
      `false-reject rate: expected a share between 0 and 1 (0.01 rejects one good part in a hundred), got ${falseRejectRate}`,
    );
  }
  if (scores.length === 0) {
    throw new UserError(
      'calibration: expected the scores of good images held out of training, got none; give more good images',
    );
  }
  const sorted = Float64Array.from(scores);
  const nan = sorted.findIndex(Number.isNaN);
  if (nan >= 0) throw new RangeError(`scores[${nan}]: expected a number, got NaN`);
  sorted.sort();
  const rank = conformalRank(sorted.length, falseRejectRate);
  const enough = rank <= sorted.length;
  return {
    threshold: sorted[(enough ? rank : sorted.length) - 1],
    falseRejectRate,
    scores: sorted,
    enough,
    neededImages: Math.max(1, Math.ceil((1 - ROUNDING) / falseRejectRate) - 1),
  };
}

/** So that 100 · 0.29 counts as 29, which in binary it is not. */
const ROUNDING = 1e-9;

/** ⌈(n + 1)(1 − α)⌉, from 1; n + 1 where n images are too few. */
function conformalRank(count: number, falseRejectRate: number): number {
  return Math.max(1, count + 1 - Math.floor((count + 1) * falseRejectRate + ROUNDING));
}

/**
 * The conformal p-value of a score: (1 + number of calibration scores ≥ it) / (n + 1). For a good image
 * P(p ≤ u) ≤ u for every u; with enough calibration images, score > threshold exactly where p ≤ α.
 * @param sortedScores of the calibration images, ascending
 * @throws RangeError for a NaN score
 */
export function pValue(sortedScores: ArrayLike<number>, score: number): number {
  if (Number.isNaN(score)) throw new RangeError('score: expected a number, got NaN');
  let below = 0;
  let end = sortedScores.length;
  while (below < end) {
    const middle = (below + end) >>> 1;
    if (sortedScores[middle] < score) below = middle + 1;
    else end = middle;
  }
  return (1 + sortedScores.length - below) / (sortedScores.length + 1);
}
