import { UserError } from '../errors.js';

/** Scores of images whose kind is known, in any order. */
export interface KnownScores {
  readonly good: readonly number[];
  readonly defective: readonly number[];
}

/** A threshold chosen on scores of known images, and what it does with them. */
export interface ChosenThreshold {
  /** An image is called defective where its score > value: midway between two neighbouring scores. */
  readonly value: number;
  /** Defective ones with score ≤ value. */
  readonly missed: number;
  /** Good ones with score > value. */
  readonly rejected: number;
}

export interface Costs {
  /** Of a defective part that is accepted. */
  readonly missed: number;
  /** Of a good part that is rejected, in the same unit. */
  readonly rejected: number;
  /** Share of the parts to be inspected that is defective, between 0 and 1. */
  readonly defectShare: number;
}

export interface CostOptimum extends ChosenThreshold {
  /** Expected cost a part inspected. */
  readonly cost: number;
}

export interface F1Optimum extends ChosenThreshold {
  readonly f1: number;
}

/**
 * The threshold of least expected cost, missed·p·P(score ≤ t | defective) + rejected·(1 − p)·P(score > t | good) with p
 * the share of defects and the probabilities as the scores have them (Metz 1978: where the ROC has the slope
 * rejected·(1 − p) / (missed·p)). The lowest of several.
 * @throws UserError for costs that are not positive, a share out of (0, 1), or where good or defective ones are missing
 */
export function costOptimum(known: KnownScores, { missed, rejected, defectShare }: Costs): CostOptimum {
  demandBoth(known);
  for (const [name, value] of [
    ['missed', missed],
    ['rejected', rejected],
  ] as const) {
    if (!(value > 0 && Number.isFinite(value))) {
      throw new UserError(`cost-${name}: expected a number above 0, got ${value}`);
    }
  }
  if (!(defectShare > 0 && defectShare < 1)) {
    throw new UserError(`defect-share: expected a share between 0 and 1, got ${defectShare}`);
  }
  const perMissed = (missed * defectShare) / known.defective.length;
  const perRejected = (rejected * (1 - defectShare)) / known.good.length;
  const costOf = (chosen: ChosenThreshold): number =>
    perMissed * chosen.missed + perRejected * chosen.rejected;
  const best = leastOf(known, costOf);
  return { ...best, cost: costOf(best) };
}

/**
 * The threshold of the largest F1 = 2·TP / (2·TP + FP + FN), the lowest of several; F1 depends on how many defective
 * ones there are among the images.
 * @throws UserError where good or defective ones are missing
 */
export function f1Optimum(known: KnownScores): F1Optimum {
  demandBoth(known);
  const f1Of = ({ missed, rejected }: ChosenThreshold): number => {
    const found = known.defective.length - missed;
    return (2 * found) / (2 * found + rejected + missed);
  };
  const best = leastOf(known, (chosen) => -f1Of(chosen));
  return { ...best, f1: f1Of(best) };
}

function demandBoth(known: KnownScores): void {
  if (known.good.length > 0 && known.defective.length > 0) return;
  throw new UserError(
    `threshold: expected scores of good and of defective images, got ${known.good.length} and ` +
      `${known.defective.length}; without defective ones set it by --false-reject`,
  );
}

/** Tries one threshold below all scores, one between any two neighbours, and the highest score. */
function leastOf(known: KnownScores, lossOf: (chosen: ChosenThreshold) => number): ChosenThreshold {
  const good = Float64Array.from(known.good).sort();
  const defective = Float64Array.from(known.defective).sort();
  const scores = [...new Set([...good, ...defective])].sort((a, b) => a - b);
  const values = scores.map((score, i) => (i + 1 < scores.length ? (score + scores[i + 1]) / 2 : score));
  let best: ChosenThreshold = {
    value: scores[0] - Math.max(1, Math.abs(scores[0])) / 1000,
    missed: 0,
    rejected: good.length,
  };
  let accepted = 0;
  let missed = 0;
  for (const value of values) {
    while (accepted < good.length && good[accepted] <= value) accepted++;
    while (missed < defective.length && defective[missed] <= value) missed++;
    const chosen = { value, missed, rejected: good.length - accepted };
    if (lossOf(chosen) < lossOf(best)) best = chosen;
  }
  return best;
}
