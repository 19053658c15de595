import { UsageError, UserError } from '../errors.js';

const usualSizes = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] as const;

/**
 * The numbers of photos to learn from, ascending.
 * @param available photos beside those held out
 * @throws UserError where there are too few photos for two sizes; UsageError for sizes there are no photos for
 */
export function chooseSizes(available: number, wanted?: readonly number[]): readonly number[] {
  if (wanted === undefined) {
    const sizes = usualSizes.filter((size) => size <= available);
    // The last step must be long enough to show something.
    const all = sizes.length > 0 && available < 1.4 * sizes[sizes.length - 1] ? [] : [available];
    const chosen = [...sizes, ...all];
    if (chosen.length >= 2) return chosen;
    if (available >= 4) return [Math.floor(available / 2), available];
    throw new UserError(
      `learning curve: expected at least 6 good training images, got ${available} to learn from beside those held out; add good images`,
    );
  }
  const sizes = [...new Set(wanted)].sort((a, b) => a - b);
  if (sizes.length < 2) throw new UsageError(`sizes: expected at least two, got ${wanted.join()}`);
  const largest = sizes[sizes.length - 1];
  if (largest > available) {
    throw new UsageError(
      `sizes: expected at most ${available}, the good training images beside those held out to measure with, got ${largest}`,
    );
  }
  return sizes;
}

/** A size that would say nothing: whole parts are taken, so that it gives the photos of a smaller one. */
export interface DroppedSize {
  readonly size: number;
  readonly sameAs: number;
}

/**
 * Leaves out sizes that in one of the draws give no other photos than the size before.
 * @param counts of each draw, how many photos each size gives; subsets are nested, so that as many are the same
 * @throws UserError where no two are left
 */
export function differentSizes(
  sizes: readonly number[],
  counts: readonly (readonly number[])[],
): { readonly sizes: readonly number[]; readonly dropped: readonly DroppedSize[] } {
  const kept: number[] = [];
  const dropped: DroppedSize[] = [];
  sizes.forEach((size, i) => {
    const last = kept[kept.length - 1];
    if (last === undefined || counts.every((own) => own[i] > own[last])) kept.push(i);
    else dropped.push({ size, sameAs: sizes[last] });
  });
  if (kept.length < 2) {
    throw new UserError(
      `sizes: expected two that give different photos, got ${sizes.join()}, which all give the same ${counts[0][0]} in one ` +
        'of the draws, since whole parts are taken; name sizes that are further apart, or add photos of other parts',
    );
  }
  return { sizes: kept.map((i) => sizes[i]), dropped };
}
