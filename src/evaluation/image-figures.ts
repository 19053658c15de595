import type { FigureCounter } from './figure-counter.js';
import { averagePrecision, f1Max } from './precision-recall.js';
import { emptyRanking, placeOf, type RankedScores } from './ranking.js';
import { auroc, fprAtTpr } from './roc.js';
import type { ScoredImage } from './scored-image.js';
import type { Strata } from './strata.js';

/** The figures of images that have a confidence interval. */
export const imageFigureNames = [
  'image_auroc',
  'image_ap',
  'f1_max',
  'fpr_at_tpr95',
  'false_reject_rate',
  'recall',
] as const;
export type ImageFigure = (typeof imageFigureNames)[number];
export type ImageFigures = Readonly<Record<ImageFigure, number>>;

export type ImageCounter = FigureCounter<CountedImage, ImageFigure>;

export interface CountedImage extends ScoredImage {
  /** Where the image is counted; undefined for a good one above every defective one. */
  readonly column: Uint32Array | undefined;
  readonly level: number;
  readonly rejected: boolean;
}

/** @param threshold an image is rejected where score > threshold */
export function countImages(
  images: readonly ScoredImage[],
  threshold: number,
  strataOf: (images: readonly CountedImage[]) => Strata<CountedImage>,
): ImageCounter {
  const scores = images.filter(({ label }) => label === 'defective').map(({ score }) => score);
  const levels = Float64Array.from(new Set(scores)).sort();
  const columns = emptyRanking(levels);
  const counted = images.map((image): CountedImage => {
    const { level, at } = placeOf(levels, image.score);
    const goodColumn = level === levels.length ? undefined : at ? columns.goodAt : columns.goodBelow;
    const column = image.label === 'good' ? goodColumn : columns.defectiveAt;
    return { ...image, column, level, rejected: image.score > threshold };
  });
  let good = 0;
  let defective = 0;
  let falseRejects = 0;
  let found = 0;
  return {
    names: imageFigureNames,
    strata: strataOf(counted),
    clear() {
      good = defective = falseRejects = found = 0;
      for (const column of [columns.goodAt, columns.goodBelow, columns.defectiveAt]) column.fill(0);
    },
    add(group, times = 1) {
      for (const { label, column, level, rejected } of group) {
        if (column !== undefined) column[level] += times;
        if (label === 'good') {
          good += times;
          if (rejected) falseRejects += times;
        } else {
          defective += times;
          if (rejected) found += times;
        }
      }
    },
    figures() {
      const ranked: RankedScores = { ...columns, good, defective };
      return {
        image_auroc: auroc(ranked) ?? NaN,
        image_ap: averagePrecision(ranked) ?? NaN,
        f1_max: f1Max(ranked)?.f1 ?? NaN,
        fpr_at_tpr95: fprAtTpr(ranked) ?? NaN,
        false_reject_rate: falseRejects / good,
        recall: found / defective,
      };
    },
  };
}
