export { pairedGain, type PairedGain } from './paired-gain.js';
export { rankScores, sweepThresholds, type OperatingPoint, type RankedScores } from './ranking.js';
export { auroc, fprAtTpr } from './roc.js';
export { averagePrecision, f1Max, type F1Max } from './precision-recall.js';
export { imageMetrics, rankingMetrics, type RankingMetrics } from './image-metrics.js';
export { connectedRegions, type ConnectedRegions } from './connected-regions.js';
export type { ScoredMap } from './scored-map.js';
export { aupro } from './aupro.js';
export type { RankedPixels } from './good-pixels.js';
export {
  pixelMetrics,
  pixelMetricsByClass,
  rankPixels,
  type PixelMetrics,
  type PixelMetricsByClass,
} from './pixel-metrics.js';
export {
  calibrate,
  calibrateSorted,
  demandRate,
  neededParts,
  pValue,
  pValues,
  rateAbove,
  type Calibration,
} from './calibration.js';
export { sortGoodScores, type GoodScores } from './good-scores.js';
export { bandAtChosenValue, bandAtValue, type RateBand, type ThresholdBand } from './rate-band.js';
export {
  costOptimum,
  f1Optimum,
  type ChosenThreshold,
  type CostOptimum,
  type Costs,
  type F1Optimum,
  type KnownScores,
} from './threshold-choice.js';
export { proportionInterval, type Interval, type IntervalResult } from './proportion-interval.js';
export { imageIntervals, type ImageIntervals, type IntervalOptions } from './image-intervals.js';
export type { PixelIntervals, PixelIntervalsByClass } from './pixel-intervals.js';
export type { ScoredImage } from './scored-image.js';
export { evaluateScores, type SummaryOptions } from './summary.js';
export type { ClassSummary, EvaluationFigures, EvaluationSummary, IntervalMethod } from './summary-types.js';
export {
  driftTest,
  type DriftAlarm,
  type DriftKind,
  type DriftOptions,
  type DriftReading,
  type DriftTest,
} from './drift-test.js';
