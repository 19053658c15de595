import { falseRejectRate, figuresOf, intervalsOf, noPixelIntervals, reasonsOf } from './figures.js';
import { imageFigureNames } from './image-figures.js';
import {
  defaultIntervalSeed,
  defaultResamples,
  imageIntervals,
  intervalLevel,
  type IntervalOptions,
} from './image-intervals.js';
import { pixelFigureNames } from './pixel-figures.js';
import type { PixelIntervals } from './pixel-intervals.js';
import type { PixelMetrics, PixelMetricsByClass } from './pixel-metrics.js';
import type { ScoredImage } from './scored-image.js';
import { strataOf } from './strata.js';
import { classFigureNames, type ClassSummary, type EvaluationSummary } from './summary-types.js';

const allFigureNames = [...imageFigureNames, ...pixelFigureNames];

export interface SummaryOptions extends IntervalOptions {
  /** The measures of localisation, where masks exist. */
  readonly pixels?: PixelMetricsByClass;
  /** The threshold of pixels in use, which `pixels` was measured at. */
  readonly pixelThreshold?: number;
}

/**
 * The summary of a test set.
 * @param threshold an image is called defective where score > threshold
 * @throws RangeError for a NaN score (names its index) and a threshold that is no finite number
 */
export function evaluateScores(
  items: readonly ScoredImage[],
  threshold: number,
  { pixels, pixelThreshold, resamples = defaultResamples, seed = defaultIntervalSeed }: SummaryOptions = {},
): EvaluationSummary {
  if (!Number.isFinite(threshold)) {
    throw new RangeError(`threshold: expected a finite number, got ${threshold}`);
  }
  const good = items.filter((item) => item.label === 'good');
  const defective = items.filter((item) => item.label === 'defective');
  const of = (
    members: readonly ScoredImage[],
    metrics: PixelMetrics | undefined,
    drawn: PixelIntervals | undefined,
  ) => ({
    figures: figuresOf(members, threshold, metrics, pixelThreshold),
    results: {
      ...imageIntervals(members, threshold, { resamples, seed }),
      ...(drawn ?? noPixelIntervals(metrics)),
    },
  });

  const classSummary = (name: string): ClassSummary => {
    const own = defective.filter(({ defectClass }) => defectClass === name);
    const members = [...good, ...own];
    const { figures, results } = of(members, pixels?.classes.get(name), pixels?.intervals?.classes.get(name));
    return {
      n: own.length,
      ...figures,
      intervals: intervalsOf(results, classFigureNames),
      undefined_because: reasonsOf(figures, results, classFigureNames, members),
    };
  };

  const { figures, results } = of(items, pixels?.all, pixels?.intervals?.all);
  const all = { ...figures, false_reject_rate: falseRejectRate(items, threshold) };
  const parts = strataOf(items);
  const names = [...new Set(defective.map(({ defectClass }) => defectClass))].sort();
  return {
    images: items.length,
    good: good.length,
    defective: defective.length,
    ...all,
    threshold,
    pixel_threshold: pixelThreshold ?? null,
    intervals: intervalsOf(results, allFigureNames),
    interval_method: {
      level: intervalLevel,
      resamples,
      seed,
      good_parts: parts.good.length,
      defective_parts: parts.defective.flat().length,
    },
    undefined_because: reasonsOf(all, results, allFigureNames, items),
    per_class: Object.fromEntries(names.map((name) => [name, classSummary(name)])),
  };
}
