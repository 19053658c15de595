import { atMost, type PartsOfSize } from './exceedance-counts.js';
import { countAbove, partSizes, type GoodScores } from './good-scores.js';
import { partCorrelation } from './part-correlation.js';
import { bisect } from './proportion-interval.js';

/** Between what a true share lies, with a confidence. */
export interface RateBand {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/** Between what a threshold lies; ±Infinity where the scores do not reach that far. */
export type ThresholdBand = RateBand;

export const bandConfidence = 0.95;

/**
 * The band of the true false-reject rate at a threshold that is itself one of the scores. With independent scores and
 * `above` of n greater, that rate has the Beta(above + 1, n − above) distribution, whatever the scores' own (order
 * statistics; David and Nagaraja 2003, §2.5; Wilks 1941): the band holds its central part. Where images share parts, the
 * number above a level is a sum of beta-binomial counts, one a part, with the correlation estimated from the scores; the
 * lower end is then the lower of that and of independence.
 */
export function bandAtOrderStatistic(good: GoodScores, above: number, confidence = bandConfidence): RateBand {
  return bandOfCounts(good, above + 1, above, confidence);
}

/**
 * The same at a threshold that was chosen without these scores (Clopper and Pearson 1934): rates at which neither as many
 * above it nor as few are less likely than (1 − confidence)/2.
 */
export function bandAtValue(good: GoodScores, value: number, confidence = bandConfidence): RateBand {
  const above = countAbove(good.scores, value);
  return bandOfCounts(good, above, above, confidence);
}

/**
 * The same at a threshold that these scores took part in choosing. It lies between two neighbours of the n scores, or
 * beyond them, so bands at each of these n + 1 places that err together with 1 − confidence at most (Bonferroni) hold
 * whichever place was chosen, and however.
 */
export function bandAtChosenValue(good: GoodScores, value: number, confidence = bandConfidence): RateBand {
  const each = 1 - (1 - confidence) / (good.scores.length + 1);
  return { ...bandAtValue(good, value, each), confidence };
}

/** Rates at which at least `fewest`, and at most `most`, above the level are each not too unlikely. */
function bandOfCounts(good: GoodScores, fewest: number, most: number, confidence: number): RateBand {
  const parts = partsOfSize(good);
  const correlation = partCorrelation(good);
  const tail = (1 - confidence) / 2;
  const rateWhere = (count: number, correlated: number, probability: number): number =>
    bisect((rate) => atMost(count, parts, rate, correlated) > probability);
  return {
    low:
      fewest === 0
        ? 0
        : Math.min(...[0, correlation].map((correlated) => rateWhere(fewest - 1, correlated, 1 - tail))),
    high: most >= good.scores.length ? 1 : rateWhere(most, correlation, tail),
    confidence,
  };
}

/**
 * The band of the threshold that rejects just the share `rate` of all good images: of the order statistics the closest
 * pair that leaves it below with at most, and above with at most, half of what the confidence leaves.
 */
export function thresholdBand(good: GoodScores, rate: number, confidence = bandConfidence): ThresholdBand {
  const { scores } = good;
  const n = scores.length;
  const parts = partsOfSize(good);
  const correlation = partCorrelation(good);
  const tail = (1 - confidence) / 2;
  /** The first count for which it holds, from 0 to n + 1; false before, true from there on. */
  const first = (holds: (count: number) => boolean): number => {
    let low = 0;
    let high = n + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  // The j-th highest score is above the threshold sought where at least j are.
  const fewAbove = first((j) => 1 - atMost(j - 1, parts, rate, correlation) <= tail);
  const manyAbove = first((j) => atMost(j - 1, parts, rate, correlation) > tail) - 1;
  return {
    low: fewAbove > n ? -Infinity : scores[n - fewAbove],
    high: manyAbove < 1 ? Infinity : scores[n - manyAbove],
    confidence,
  };
}

function partsOfSize({ groups }: GoodScores): PartsOfSize {
  const parts = new Map<number, number>();
  for (const size of partSizes(groups)) parts.set(size, (parts.get(size) ?? 0) + 1);
  return parts;
}
