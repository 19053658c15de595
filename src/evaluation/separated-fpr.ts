import { proportionInterval, type IntervalResult } from './proportion-interval.js';
import type { ScoredImage } from './scored-image.js';
import type { Stratum } from './strata.js';

const tpr = 0.95;

/**
 * A 95 % interval of FPR at 95 % TPR where good and defective images hardly overlap, so that drawn test sets agree. The
 * lowest of n independent defective scores lies above the true 5 % point with probability 0.95ⁿ; else the rate sought
 * is at most that of good ones at or above it, whose upper end is Clopper and Pearson's from the good parts, with what
 * 0.95ⁿ leaves of the 5 %.
 */
export function separatedFpr(good: Stratum<ScoredImage>, defective: Stratum<ScoredImage>): IntervalResult {
  const left = 0.05 - tpr ** defective.length;
  if (left <= 0) {
    const needed = Math.floor(Math.log(0.05) / Math.log(tpr)) + 1;
    return {
      reason: `good and defective images do not overlap: it takes ${needed} defective parts to bound it`,
    };
  }
  const lowest = defective.flat().reduce((least, { score }) => Math.min(least, score), Infinity);
  const above = good.filter((group) => group.some(({ score }) => score >= lowest)).length;
  return { interval: [0, proportionInterval(above, good.length, 1 - 2 * left)[1]] };
}
