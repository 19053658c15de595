import type { ImageFigure } from './image-figures.js';
import { pixelFigureNames, type PixelFigure } from './pixel-figures.js';
import type { Interval } from './proportion-interval.js';

/** The figures of a defect class that have an interval; how many good ones are rejected is no matter of class. */
export const classFigureNames = [
  'image_auroc',
  'image_ap',
  'f1_max',
  'fpr_at_tpr95',
  'recall',
  ...pixelFigureNames,
] as const;

/**
 * Figures of a test set or of one defect class; null where one cannot be known, `undefined_because` says why. Those
 * of a class are of the good images and the class's own.
 */
export interface EvaluationFigures {
  readonly image_auroc: number | null;
  readonly image_ap: number | null;
  readonly f1_max: number | null;
  /** An image counts as defective where score ≥ it. */
  readonly f1_max_threshold: number | null;
  /** Share of the good images that scored as high as 95 % of the defective ones. */
  readonly fpr_at_tpr95: number | null;
  /** Defective images with score ≤ threshold. */
  readonly missed: number;
  /** Share of the defective images with score > threshold. */
  readonly recall: number | null;
  readonly pixel_auroc: number | null;
  readonly pixel_ap: number | null;
  readonly pixel_f1_max: number | null;
  /** A pixel counts as defective where score ≥ it. */
  readonly pixel_f1_max_threshold: number | null;
  readonly pixel_fpr_at_tpr95: number | null;
  /** Area under the per-region overlap up to a false-positive rate of 0.3. */
  readonly aupro_30: number | null;
  /** The same up to 0.05. */
  readonly aupro_05: number | null;
  /** Defective regions: pixels of a mask that touch by a side or a corner. */
  readonly regions: number | null;
  /** Share of the regions with at least one pixel above the pixel threshold in use. */
  readonly region_recall: number | null;
  /** Share of the regions with at least one pixel at or above `pixel_f1_max_threshold`. */
  readonly region_recall_at_f1_max: number | null;
  /** 95 % confidence intervals. */
  readonly intervals: Readonly<Record<(typeof classFigureNames)[number], Interval | null>>;
  /** By the name of a figure that is null, or `intervals.` and the name of an interval that is. */
  readonly undefined_because: Readonly<Record<string, string>>;
}

/** Of one defect class against all good images. */
export interface ClassSummary extends EvaluationFigures {
  /** Images of the class. */
  readonly n: number;
}

/** What `csflow evaluate` prints. */
export interface EvaluationSummary extends EvaluationFigures {
  readonly images: number;
  readonly good: number;
  readonly defective: number;
  /** By name of the defect, in the order of their names. */
  readonly per_class: Readonly<Record<string, ClassSummary>>;
  /** An image is called defective where score > threshold. */
  readonly threshold: number;
  /** A pixel is called defective where score > it; null where the model has none. */
  readonly pixel_threshold: number | null;
  /** Share of the good images with score > threshold. */
  readonly false_reject_rate: number | null;
  readonly intervals: Readonly<Record<ImageFigure | PixelFigure, Interval | null>>;
  readonly interval_method: IntervalMethod;
}

/** How the intervals were made. */
export interface IntervalMethod {
  readonly level: number;
  readonly resamples: number;
  readonly seed: number;
  /** Parts (groups) of the good and of the defective images: what is drawn. */
  readonly good_parts: number;
  readonly defective_parts: number;
}
