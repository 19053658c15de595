import { imageMetrics } from './image-metrics.js';
import type { PixelMetrics } from './pixel-metrics.js';

export interface ScoredImage {
  readonly score: number;
  readonly label: 'good' | 'defective';
  /** The defect's name (`crack`); not used for good images. */
  readonly defectClass: string;
}

/** Of one defect class against all good images. */
export interface ClassSummary {
  readonly image_auroc: number | null;
  /** Images of the class. */
  readonly n: number;
}

/** What `csflow evaluate` prints; null where a figure cannot be known. */
export interface EvaluationSummary {
  readonly images: number;
  readonly good: number;
  readonly defective: number;
  readonly image_auroc: number | null;
  readonly image_ap: number | null;
  readonly f1_max: number | null;
  /** By name of the defect, in the order of their names. */
  readonly per_class: Readonly<Record<string, ClassSummary>>;
  readonly pixel_auroc: number | null;
  readonly aupro_30: number | null;
  readonly threshold: number;
  /** Share of the good images with score > threshold. */
  readonly false_reject_rate: number | null;
  /** Defective images with score ≤ threshold. */
  readonly missed: number;
}

/**
 * The summary of a test set.
 * @param threshold an image is called defective where score > threshold
 * @param pixel the measures of localisation, where masks exist
 * @throws RangeError for a NaN score (names its index) and a threshold that is no finite number
 */
export function evaluateScores(
  items: readonly ScoredImage[],
  threshold: number,
  pixel?: Pick<PixelMetrics, 'auroc' | 'aupro30'>,
): EvaluationSummary {
  if (!Number.isFinite(threshold)) {
    throw new RangeError(`threshold: expected a finite number, got ${threshold}`);
  }
  const good = items.filter((item) => item.label === 'good');
  const defective = items.filter((item) => item.label === 'defective');
  const all = metricsOf(items);
  return {
    images: items.length,
    good: good.length,
    defective: defective.length,
    image_auroc: all.auroc ?? null,
    image_ap: all.averagePrecision ?? null,
    f1_max: all.f1Max?.f1 ?? null,
    per_class: perClass(good, defective),
    pixel_auroc: pixel?.auroc ?? null,
    aupro_30: pixel?.aupro30 ?? null,
    threshold,
    false_reject_rate:
      good.length === 0 ? null : good.filter(({ score }) => score > threshold).length / good.length,
    missed: defective.filter(({ score }) => score <= threshold).length,
  };
}

function metricsOf(items: readonly ScoredImage[]) {
  return imageMetrics(
    items.map(({ score }) => score),
    items.map(({ label }) => label === 'defective'),
  );
}

function perClass(
  good: readonly ScoredImage[],
  defective: readonly ScoredImage[],
): Readonly<Record<string, ClassSummary>> {
  const names = [...new Set(defective.map(({ defectClass }) => defectClass))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const members = defective.filter(({ defectClass }) => defectClass === name);
      return [name, { image_auroc: metricsOf([...good, ...members]).auroc ?? null, n: members.length }];
    }),
  );
}
