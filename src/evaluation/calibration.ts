import { UserError } from '../errors.js';
import { countAbove, partSizes, sortGoodScores, type GoodScores } from './good-scores.js';
import { bandAtOrderStatistic, thresholdBand, type RateBand, type ThresholdBand } from './rate-band.js';

/** What good images held out of training say about scores. */
export interface Calibration extends GoodScores {
  /** An image is called defective where its score > threshold. */
  readonly threshold: number;
  /** The share of good parts that may be rejected, as asked for. */
  readonly falseRejectRate: number;
  /** Between what the true share of good images rejected at this threshold lies. */
  readonly band: RateBand;
  /** Between what the threshold lies that would reject just the share asked for. */
  readonly thresholdBand: ThresholdBand;
  /** False where the parts are too few to promise that rate; the threshold is then the largest score. */
  readonly enough: boolean;
  /** The fewest calibration images that can promise that rate, each of another part. */
  readonly neededImages: number;
}

/**
 * The threshold from good images alone. Of n images that each show another part it is the k-th smallest score,
 * k = ⌈(n + 1)(1 − α)⌉ (split conformal prediction; Vovk et al. 2005, Lei et al. 2018). Where images share parts, each of
 * the G parts counts once and its images share that one vote: the smallest score t with
 * Σ over parts of (share of the part's scores > t) ≤ α(G + 1) − 1 (hierarchical conformal prediction; Lee, Barber and
 * Willett 2023, eq. 4). If the parts and a new good one are exchangeable, an image of the new one is rejected with
 * probability ≤ α, whatever the distribution of scores and however alike the pictures of a part are.
 * @param falseRejectRate α, 0 < α < 1, default 0.01
 * @param groups the part of each score; left out: each is of a part of its own
 * @throws UserError for another rate and without scores; RangeError as {@link sortGoodScores}
 */
export function calibrate(
  scores: ArrayLike<number>,
  falseRejectRate = 0.01,
  groups?: readonly (string | number)[],
): Calibration {
  return calibrateSorted(sortGoodScores(scores, groups), falseRejectRate);
}

/** {@link calibrate} for scores that are sorted already. */
export function calibrateSorted(good: GoodScores, falseRejectRate: number): Calibration {
  demandRate(falseRejectRate);
  const { scores } = good;
  if (scores.length === 0) {
    throw new UserError(
      'calibration: expected the scores of good images held out of training, got none; give more good images',
    );
  }
  const sizes = partSizes(good.groups);
  const allowed = falseRejectRate * (sizes.length + 1) - 1 + ROUNDING;
  const index = thresholdIndex(good, sizes, allowed);
  return {
    ...good,
    threshold: scores[index],
    falseRejectRate,
    band: bandAtOrderStatistic(good, countAbove(scores, scores[index])),
    thresholdBand: thresholdBand(good, falseRejectRate),
    enough: allowed >= 0,
    neededImages: neededParts(falseRejectRate),
  };
}

/** @throws UserError unless 0 < rate < 1 */
export function demandRate(rate: number): void {
  if (rate > 0 && rate < 1) return;
  throw new UserError(
    `false-reject rate: expected a share between 0 and 1 (0.01 rejects one good part in a hundred), got ${rate}`,
  );
}

/** The fewest parts that can promise a rate α: G + 1 ≥ 1/α. */
export function neededParts(falseRejectRate: number): number {
  return Math.max(1, Math.ceil((1 - ROUNDING) / falseRejectRate) - 1);
}

/** So that 100 · 0.29 counts as 29, which in binary it is not. */
const ROUNDING = 1e-9;

/** The lowest score above which the parts' shares sum to no more than `allowed`; the last where that is below 0. */
function thresholdIndex({ scores, groups }: GoodScores, sizes: Int32Array, allowed: number): number {
  let index = scores.length - 1;
  let above = 0;
  while (index > 0) {
    above += 1 / sizes[groups[index]];
    if (above > allowed) break;
    index--;
  }
  return index;
}

/**
 * The conformal p-value of a score: (1 + number of calibration scores ≥ it) / (n + 1). For a good image
 * P(p ≤ u) ≤ u for every u; with enough calibration images, score > threshold exactly where p ≤ α.
 * @param sortedScores of calibration images of as many parts, ascending
 * @throws RangeError for a NaN score
 */
export function pValue(sortedScores: ArrayLike<number>, score: number): number {
  demandNumber(score);
  return (1 + countAbove(sortedScores, score, true)) / (sortedScores.length + 1);
}

/**
 * The same where images share parts: (1 + Σ over parts of the share of the part's scores ≥ it) / (G + 1). Gives the
 * function from score to p-value.
 */
export function pValues({ scores, groups }: GoodScores): (score: number) => number {
  const sizes = partSizes(groups);
  /** [k]: the summed shares of the k highest scores. */
  const shares = new Float64Array(scores.length + 1);
  for (let k = 1; k <= scores.length; k++) {
    shares[k] = shares[k - 1] + 1 / sizes[groups[scores.length - k]];
  }
  return (score) => {
    demandNumber(score);
    return Math.min(1, (1 + shares[countAbove(scores, score, true)]) / (sizes.length + 1));
  };
}

/**
 * The share of good images that a threshold is to be expected to reject, where it was chosen without these scores:
 * (1 + Σ over parts of the share of the part's scores > value) / (G + 1), which is never 0.
 */
export function rateAbove({ scores, groups }: GoodScores, value: number): number {
  const sizes = partSizes(groups);
  let above = 1;
  for (let i = scores.length - countAbove(scores, value); i < scores.length; i++)
    above += 1 / sizes[groups[i]];
  return Math.min(1, above / (sizes.length + 1));
}

function demandNumber(score: number): void {
  if (Number.isNaN(score)) throw new RangeError('score: expected a number, got NaN');
}
