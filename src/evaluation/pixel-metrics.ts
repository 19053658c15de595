import { averagePrecision } from './precision-recall.js';
import { hasBothClasses, sweepThresholds } from './ranking.js';
import { rankPixels, type RankedPixels, type ScoredMap } from './pixel-ranking.js';
import { auroc } from './roc.js';

/** Each is undefined where there are no good or no defective pixels. */
export interface PixelMetrics {
  readonly auroc: number | undefined;
  readonly averagePrecision: number | undefined;
  /** AUPRO up to a false-positive rate of 0.3. */
  readonly aupro30: number | undefined;
  /** AUPRO up to a false-positive rate of 0.05. */
  readonly aupro05: number | undefined;
}

/**
 * The measures of localisation, exact over the pixels of all pictures together.
 * @throws RangeError as {@link rankPixels}
 */
export function pixelMetrics(pictures: Iterable<ScoredMap>): PixelMetrics {
  const ranked = rankPixels(pictures);
  return {
    auroc: auroc(ranked),
    averagePrecision: averagePrecision(ranked),
    aupro30: aupro(ranked, 0.3),
    aupro05: aupro(ranked, 0.05),
  };
}

/**
 * Area under the per-region overlap (the mean over the defective regions of the share found) as a function of
 * the false-positive rate of pixels, from 0 to `limit` (default 0.3), divided by `limit`: 1 is perfect. The
 * curve is linear between thresholds and interpolated at the limit (Bergmann et al., MVTec AD, IJCV 2021).
 * Undefined where there are no good or no defective pixels.
 * @throws RangeError unless 0 < limit ≤ 1
 */
export function aupro(ranked: RankedPixels, limit = 0.3): number | undefined {
  if (!(limit > 0 && limit <= 1)) throw new RangeError(`limit: expected 0 < limit ≤ 1, got ${limit}`);
  if (!hasBothClasses(ranked)) return undefined;
  let area = 0;
  let fpr = 0;
  let overlap = 0;
  const lineTo = (nextFpr: number, nextOverlap: number): void => {
    area += areaUnderLine(fpr, overlap, nextFpr, nextOverlap, limit);
    fpr = nextFpr;
    overlap = nextOverlap;
  };
  sweepThresholds(ranked, ({ truePositives, goodAbove, goodAtLeast }) => {
    lineTo(goodAbove / ranked.good.length, overlap);
    lineTo(goodAtLeast / ranked.good.length, ranked.coverage[truePositives]);
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
