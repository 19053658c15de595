import type { ImageFigure } from './image-figures.js';
import type { ImageIntervals } from './image-intervals.js';
import { imageMetrics } from './image-metrics.js';
import { pixelFigureNames, type PixelFigure } from './pixel-figures.js';
import type { PixelIntervals } from './pixel-intervals.js';
import type { PixelMetrics } from './pixel-metrics.js';
import type { Interval } from './proportion-interval.js';
import type { ScoredImage } from './scored-image.js';
import type { EvaluationFigures } from './summary-types.js';

/** The figures of images, at an image's and at a pixel's threshold. */
export function figuresOf(
  images: readonly ScoredImage[],
  threshold: number,
  pixels: PixelMetrics | undefined,
  pixelThreshold: number | undefined,
): Omit<EvaluationFigures, 'intervals' | 'undefined_because'> {
  const metrics = imageMetrics(
    images.map(({ score }) => score),
    images.map(({ label }) => label === 'defective'),
  );
  const defective = images.filter(({ label }) => label === 'defective');
  const missed = defective.filter(({ score }) => score <= threshold).length;
  return {
    image_auroc: metrics.auroc ?? null,
    image_ap: metrics.averagePrecision ?? null,
    f1_max: metrics.f1Max?.f1 ?? null,
    f1_max_threshold: metrics.f1Max?.threshold ?? null,
    fpr_at_tpr95: metrics.fprAtTpr95 ?? null,
    missed,
    recall: defective.length === 0 ? null : (defective.length - missed) / defective.length,
    pixel_auroc: pixels?.auroc ?? null,
    pixel_ap: pixels?.averagePrecision ?? null,
    pixel_f1_max: pixels?.f1Max?.f1 ?? null,
    pixel_f1_max_threshold: pixels?.f1Max?.threshold ?? null,
    pixel_fpr_at_tpr95: pixels?.fprAtTpr95 ?? null,
    aupro_30: pixels?.aupro30 ?? null,
    aupro_05: pixels?.aupro05 ?? null,
    regions: pixels?.regions ?? null,
    region_recall: pixelThreshold === undefined ? null : (pixels?.regionRecall ?? null),
    region_recall_at_f1_max: pixels?.regionRecallAtF1Max ?? null,
  };
}

export function falseRejectRate(images: readonly ScoredImage[], threshold: number): number | null {
  const good = images.filter(({ label }) => label === 'good');
  return good.length === 0 ? null : good.filter(({ score }) => score > threshold).length / good.length;
}

/** Intervals of figures of images and of pixels, or why there are none. */
export type FigureIntervals = ImageIntervals & PixelIntervals;

/** Where no masks were measured, or no intervals asked for. */
export function noPixelIntervals(metrics: PixelMetrics | undefined): PixelIntervals {
  const marked = metrics !== undefined && metrics.regions > 0;
  const reason = marked ? 'no intervals of pixel figures were asked for' : 'no mask shows a defect';
  return Object.fromEntries(pixelFigureNames.map((name) => [name, { reason }])) as unknown as PixelIntervals;
}

export function intervalsOf<Name extends ImageFigure | PixelFigure>(
  results: FigureIntervals,
  names: readonly Name[],
): Readonly<Record<Name, Interval | null>> {
  return Object.fromEntries(
    names.map((name) => {
      const result = results[name];
      return [name, 'interval' in result ? result.interval : null];
    }),
  ) as Record<Name, Interval | null>;
}

/** Why figures, and the intervals of those named, are null. */
export function reasonsOf(
  figures: Readonly<Record<string, unknown>>,
  results: FigureIntervals,
  names: readonly (ImageFigure | PixelFigure)[],
  images: readonly ScoredImage[],
): Readonly<Record<string, string>> {
  const hasGood = images.some(({ label }) => label === 'good');
  const noImages = `there are no ${hasGood ? 'defective' : 'good'} images`;
  const reasonOf = (name: string): string => {
    if (name === 'recall') return 'there are no defective images';
    if (name === 'false_reject_rate') return 'there are no good images';
    if (name.startsWith('image_') || name.startsWith('f1_') || name.startsWith('fpr_')) return noImages;
    if (figures.regions === null || figures.regions === 0) return 'no mask shows a defect';
    if (name === 'region_recall') return 'the model has no threshold for pixels';
    return 'the masks leave no good pixels';
  };
  const reasons = new Map<string, string>();
  for (const [name, value] of Object.entries(figures)) if (value === null) reasons.set(name, reasonOf(name));
  for (const name of names) {
    const result = results[name];
    if ('reason' in result) reasons.set(`intervals.${name}`, result.reason);
  }
  return Object.fromEntries(reasons);
}
