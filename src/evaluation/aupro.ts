import { hasBothClasses, sweepThresholds, type RankedScores } from './ranking.js';

/** Ranked pixels with the regions that the defective ones are of. */
export interface RankedRegions extends RankedScores {
  /** `[j]`: the shares of their regions that the defective pixels at level j make up, summed over the regions. */
  readonly coverageAt: Float64Array;
  readonly regions: number;
}

/**
 * Area under the per-region overlap (the mean over the defective regions of the share found) as a function of
 * the false-positive rate of pixels, from 0 to `limit` (default 0.3), divided by `limit`: 1 is perfect. The
 * curve is linear between thresholds and interpolated at the limit (Bergmann et al., MVTec AD, IJCV 2021).
 * Undefined where there are no good or no defective pixels.
 * @throws RangeError unless 0 < limit ≤ 1
 */
export function aupro(ranked: RankedRegions, limit = 0.3): number | undefined {
  if (!(limit > 0 && limit <= 1)) throw new RangeError(`limit: expected 0 < limit ≤ 1, got ${limit}`);
  if (!hasBothClasses(ranked)) return undefined;
  let area = 0;
  let fpr = 0;
  let overlap = 0;
  let covered = 0;
  const lineTo = (nextFpr: number, nextOverlap: number): void => {
    area += areaUnderLine(fpr, overlap, nextFpr, nextOverlap, limit);
    fpr = nextFpr;
    overlap = nextOverlap;
  };
  sweepThresholds(ranked, ({ level, truePositives, goodAbove, goodAtLeast }) => {
    lineTo(goodAbove / ranked.good, overlap);
    covered += ranked.coverageAt[level];
    lineTo(goodAtLeast / ranked.good, truePositives === ranked.defective ? 1 : covered / ranked.regions);
  });
  lineTo(1, overlap);
  return area / limit;
}

/** Under the line from (x0, y0) to (x1, y1), left of `limit`. */
function areaUnderLine(x0: number, y0: number, x1: number, y1: number, limit: number): number {
  if (x0 >= limit || x1 === x0) return 0;
  const end = Math.min(x1, limit);
  const yEnd = y0 + ((y1 - y0) * (end - x0)) / (x1 - x0);
  return ((end - x0) * (y0 + yEnd)) / 2;
}
