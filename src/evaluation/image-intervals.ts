import { aurocInterval } from './auroc-interval.js';
import { accelerations, bcaInterval } from './bca.js';
import { bootstrapFigures } from './bootstrap.js';
import { countImages, imageFigureNames, type CountedImage, type ImageFigure } from './image-figures.js';
import { proportionInterval, type Interval } from './proportion-interval.js';
import type { ScoredImage } from './scored-image.js';
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

/** An interval, or why there is none. */
export type IntervalResult = { readonly interval: Interval } | { readonly reason: string };
export type ImageIntervals = Readonly<Record<ImageFigure, IntervalResult>>;

/**
 * 95 % confidence intervals of the figures of images: {@link bcaInterval} of {@link bootstrapFigures}. Shares
 * of independent images (false rejects, recall) have the interval of Clopper and Pearson instead, which says how
 * little is known where none or all were rejected; with several images a part the bootstrap again, and where all
 * draws agree, Clopper and Pearson's with the parts in place of the images. An AUROC on which all draws agree has
 * Newcombe's interval ({@link aurocInterval}); the others are then undefined.
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
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`resamples: expected an integer of at least 1, got ${resamples}`);
  }
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
      interval: bcaInterval(values, seen[name], acceleration[name], tail),
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
        return name === 'image_auroc'
          ? { interval: aurocInterval(seen.image_auroc, good.length, defects.length) }
          : { reason: 'all drawn test sets agree: too few images to see how it varies' };
      }
    }
  });
}

const tail = (1 - intervalLevel) / 2;

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
