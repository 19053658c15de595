import { aurocInterval } from './auroc-interval.js';
import { accelerations, bcaInterval } from './bca.js';
import { bootstrapFigures } from './bootstrap.js';
import { countImages, imageFigureNames, type CountedImage, type ImageFigure } from './image-figures.js';
import { proportionInterval, type IntervalResult } from './proportion-interval.js';
import type { ScoredImage } from './scored-image.js';
import { separatedFpr } from './separated-fpr.js';
import { strataOf, type Stratum } from './strata.js';

export interface IntervalOptions {
  /** Drawn test sets, default 2000. */
  readonly resamples?: number;
  /** Of the drawing, an integer, default 0. */
  readonly seed?: number;
}

export const defaultResamples = 2000;
export const defaultIntervalSeed = 0;

/** Of all intervals. */
export const intervalLevel = 0.95;

export type ImageIntervals = Readonly<Record<ImageFigure, IntervalResult>>;

/**
 * 95 % confidence intervals of the figures of images: {@link bcaInterval} of {@link bootstrapFigures}. Shares
 * of independent images (false rejects, recall) have the interval of Clopper and Pearson instead, which says how
 * little is known where none or all were rejected; with several images a part the bootstrap again, and where all
 * draws agree, Clopper and Pearson's with the parts in place of the images. Where all draws agree, an AUROC has
 * Newcombe's interval ({@link aurocInterval}), FPR that of {@link separatedFpr}, and AP and F1-max none.
 *
 * Undefined where there is one part only: what differs from part to part cannot be seen in it.
 * @param threshold an image is rejected where score > threshold
 * @throws RangeError unless `resamples` is a positive integer
 */
export function imageIntervals(
  images: readonly ScoredImage[],
  threshold: number,
  { resamples = defaultResamples, seed = defaultIntervalSeed }: IntervalOptions = {},
): ImageIntervals {
  checkResamples(resamples);
  const counter = countImages(images, threshold, strataOf);
  const { good, defective } = counter.strata;
  const defects = defective.flat();
  const noGood = missing(good, 'good');
  const noDefects = missing(defects, 'defective');
  for (const group of [...good, ...defects]) counter.add(group);
  const seen = counter.figures();
  const acceleration = accelerations(counter);
  const drawn = bootstrapFigures(counter, resamples, seed);
  return each((name): IntervalResult => {
    const values = drawn[name];
    const agree = values[0] === values[values.length - 1];
    const bca = (): IntervalResult => ({
      interval: bcaInterval(values, seen[name], acceleration[name], intervalTail),
    });
    switch (name) {
      case 'false_reject_rate':
        if (noGood !== undefined) return { reason: noGood };
        return isShare(good, agree) ? shareInterval(seen[name], good.length) : bca();
      case 'recall':
        if (noDefects !== undefined) return { reason: noDefects };
        return isShare(defects, agree) ? shareInterval(seen[name], defects.length) : bca();
      case 'image_auroc':
      case 'image_ap':
      case 'f1_max':
      case 'fpr_at_tpr95': {
        const reason = noGood ?? noDefects;
        if (reason !== undefined) return { reason };
        if (!agree) return bca();
        if (name === 'image_auroc') {
          return { interval: aurocInterval(seen.image_auroc, good.length, defects.length) };
        }
        if (name === 'fpr_at_tpr95') return separatedFpr(good, defects);
        return { reason: allAgree('images', seen[name]) };
      }
    }
  });
}

/** Of each side. */
export const intervalTail = (1 - intervalLevel) / 2;

/** @throws RangeError unless it is a positive integer */
export function checkResamples(resamples: number): void {
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`resamples: expected an integer of at least 1, got ${resamples}`);
  }
}

/** Why a figure that is the same in every drawn test set has no interval, however many images there are. */
export function allAgree(of: 'images' | 'pixels', seen: number): string {
  const why = seen === 1 ? `good and defective ${of} do not overlap` : 'all drawn test sets agree';
  return `${why}: drawing anew cannot tell how it varies`;
}

function each(result: (name: ImageFigure) => IntervalResult): ImageIntervals {
  return Object.fromEntries(imageFigureNames.map((name) => [name, result(name)])) as ImageIntervals;
}

/** Why a kind of images allows no interval. */
function missing({ length }: Stratum<CountedImage>, kind: string): string | undefined {
  if (length === 0) return `there are no ${kind} images`;
  return length === 1 ? `all ${kind} images are of one part` : undefined;
}

/** Whether a share is one of independent parts, or can only be taken for one. */
function isShare(groups: Stratum<CountedImage>, agree: boolean): boolean {
  return agree || groups.every(({ length }) => length === 1);
}

function shareInterval(share: number, parts: number): IntervalResult {
  return { interval: proportionInterval(Math.round(share * parts), parts) };
}
