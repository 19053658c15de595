import { accelerations, bcaInterval } from './bca.js';
import { bootstrapFigures } from './bootstrap.js';
import {
  allAgree,
  checkResamples,
  defaultIntervalSeed,
  defaultResamples,
  intervalTail,
  type IntervalOptions,
} from './image-intervals.js';
import { countPixels, pixelFigureNames, type PixelFigure } from './pixel-figures.js';
import type { PixelTally } from './pixel-tallies.js';
import { proportionInterval, type IntervalResult } from './proportion-interval.js';

export type PixelIntervals = Readonly<Record<PixelFigure, IntervalResult>>;

export interface PixelIntervalsByClass {
  readonly all: PixelIntervals;
  /** By the defect's name: the good pictures and the class's own. */
  readonly classes: ReadonlyMap<string, PixelIntervals>;
}

/** More draws than this take long and move the ends of an interval little. */
export const mostPixelResamples = 1000;

/**
 * 95 % confidence intervals of the figures of pixels, as those of images: parts are drawn, good ones and each defect
 * class among themselves, each with all its pictures and all their pixels, for neighbouring pixels are no independent
 * witnesses. Drawn sets, {@link mostPixelResamples} at most, are measured on the grid of {@link PixelTally}.
 * @param threshold of pixels, for `region_recall`
 * @throws RangeError unless `resamples` is a positive integer
 */
export function pixelIntervals(
  tallies: readonly PixelTally[],
  threshold: number | undefined,
  options: IntervalOptions = {},
): PixelIntervalsByClass {
  const good = tallies.filter(({ label }) => label === 'good');
  const defective = tallies.filter(({ label }) => label === 'defective');
  const names = [...new Set(defective.map(({ defectClass }) => defectClass))];
  const all = intervalsOf(tallies, threshold, options);
  return {
    all,
    classes: new Map(
      names.map((name) => {
        if (names.length === 1) return [name, all];
        const own = defective.filter(({ defectClass }) => defectClass === name);
        return [name, intervalsOf([...good, ...own], threshold, options)];
      }),
    ),
  };
}

function intervalsOf(
  tallies: readonly PixelTally[],
  threshold: number | undefined,
  { resamples = defaultResamples, seed = defaultIntervalSeed }: IntervalOptions,
): PixelIntervals {
  checkResamples(resamples);
  const counter = countPixels(tallies, threshold);
  const { good, defective } = counter.strata;
  const marked = defective.flat().filter((group) => group.some(({ peaks }) => peaks.length > 0));
  const noDefects = tooFewParts(marked.length);
  const noGood = good.length === 1 ? 'all good images are of one part' : undefined;
  if (noDefects !== undefined) return each(() => ({ reason: noDefects }));

  for (const group of [...good, ...defective.flat()]) counter.add(group);
  const seen = counter.figures();
  const acceleration = accelerations(counter);
  const drawn = bootstrapFigures(counter, Math.min(resamples, mostPixelResamples), seed);
  const oneRegionEach = marked.every((group) => group.reduce((n, { peaks }) => n + peaks.length, 0) === 1);
  return each((name): IntervalResult => {
    const values = drawn[name];
    const agree = values[0] === values[values.length - 1];
    if (name === 'region_recall') {
      if (threshold === undefined) return { reason: 'the model has no threshold for pixels' };
      if (agree || oneRegionEach) {
        return { interval: proportionInterval(Math.round(seen[name] * marked.length), marked.length) };
      }
    } else if (noGood !== undefined) return { reason: noGood };
    if (values.length === 0) return { reason: 'the masks leave no good pixels' };
    if (agree) return { reason: allAgree('pixels', seen[name]) };
    return { interval: bcaInterval(values, seen[name], acceleration[name], intervalTail) };
  });
}

function tooFewParts(marked: number): string | undefined {
  if (marked === 0) return 'no mask shows a defect';
  return marked === 1 ? 'all masks that show a defect are of one part' : undefined;
}

function each(result: (name: PixelFigure) => IntervalResult): PixelIntervals {
  return Object.fromEntries(
    pixelFigureNames.map((name) => [name, result(name)]),
  ) as unknown as PixelIntervals;
}
