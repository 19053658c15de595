import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { imageFigureNames, type CountedImage, type ImageCounter, type ImageFigure } from './image-figures.js';
import type { Stratum } from './strata.js';

/**
 * Figures of drawn test sets (stratified cluster bootstrap; Efron & Tibshirani, An Introduction to the Bootstrap,
 * 1993, §8; Davison & Hinkley, Bootstrap Methods, 1997, §3.8): in each stratum as many groups as it has are drawn
 * from it with replacement, each with all its images.
 * @param seed an integer; the same seed gives the same sets
 * @returns of each figure its values, ascending
 */
export function bootstrapFigures(
  counter: ImageCounter,
  resamples: number,
  seed: number,
): Readonly<Record<ImageFigure, Float64Array>> {
  const random = xoroshiro128plus(seed);
  const indexBelow = (count: number): number => Math.floor(((random.next() >>> 0) / 2 ** 32) * count);
  const draw = (stratum: Stratum<CountedImage>): void => {
    for (let i = 0; i < stratum.length; i++) counter.add(stratum[indexBelow(stratum.length)]);
  };
  const values = Object.fromEntries(
    imageFigureNames.map((name) => [name, new Float64Array(resamples)]),
  ) as Record<ImageFigure, Float64Array>;
  for (let resample = 0; resample < resamples; resample++) {
    counter.clear();
    draw(counter.strata.good);
    for (const stratum of counter.strata.defective) draw(stratum);
    const figures = counter.figures();
    for (const name of imageFigureNames) values[name][resample] = figures[name];
  }
  for (const name of imageFigureNames) values[name].sort();
  return values;
}

/**
 * Quantile of sorted values, linear between them (type 7 of Hyndman & Fan, 1996).
 * @param at from 0 to 1
 */
export function quantile(sorted: Float64Array, at: number): number {
  const place = at * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
