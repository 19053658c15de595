export { rankScores, sweepThresholds, type OperatingPoint, type RankedScores } from './ranking.js';
export { auroc, fprAtTpr } from './roc.js';
export { averagePrecision, f1Max, type F1Max } from './precision-recall.js';
export { imageMetrics, type ImageMetrics } from './image-metrics.js';
export { connectedRegions, type ConnectedRegions } from './connected-regions.js';
export { rankPixels, type RankedPixels, type ScoredMap } from './pixel-ranking.js';
export { aupro, pixelMetrics, type PixelMetrics } from './pixel-metrics.js';
export { calibrate, pValue, type Calibration } from './calibration.js';
export { evaluateScores, type ClassSummary, type EvaluationSummary, type ScoredImage } from './summary.js';
