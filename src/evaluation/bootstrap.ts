import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { FigureCounter } from './figure-counter.js';
import type { Stratum } from './strata.js';

/**
 * Figures of drawn test sets (stratified cluster bootstrap; Efron & Tibshirani, An Introduction to the Bootstrap,
 * 1993, §8; Davison & Hinkley, Bootstrap Methods, 1997, §3.8): in each stratum as many groups as it has are drawn
 * from it with replacement, each with all its images.
 * @param seed an integer; the same seed gives the same sets
 * @returns of each figure its values, ascending, without those of draws in which it cannot be known
 */
export function bootstrapFigures<T, Name extends string>(
  { names, strata, clear, add, figures }: FigureCounter<T, Name>,
  resamples: number,
  seed: number,
): Readonly<Record<Name, Float64Array>> {
  const random = xoroshiro128plus(seed);
  const indexBelow = (count: number): number => Math.floor(((random.next() >>> 0) / 2 ** 32) * count);
  const draw = (stratum: Stratum<T>): void => {
    const times = new Uint32Array(stratum.length);
    for (let i = 0; i < stratum.length; i++) times[indexBelow(stratum.length)]++;
    for (const [i, group] of stratum.entries()) if (times[i] > 0) add(group, times[i]);
  };
  const values = names.map((name) => [name, new Float64Array(resamples)] as const);
  for (let resample = 0; resample < resamples; resample++) {
    clear();
    draw(strata.good);
    for (const stratum of strata.defective) draw(stratum);
    const drawn = figures();
    for (const [name, of] of values) of[resample] = drawn[name];
  }
  return Object.fromEntries(values.map(([name, of]) => [name, known(of.sort())])) as Record<
    Name,
    Float64Array
  >;
}

/** Without the draws in which a figure cannot be known; NaN is sorted to the end. */
function known(sorted: Float64Array): Float64Array {
  let end = sorted.length;
  while (end > 0 && Number.isNaN(sorted[end - 1])) end--;
  return sorted.subarray(0, end);
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
