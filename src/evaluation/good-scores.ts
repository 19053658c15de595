/** Scores of good images, and which of them show the same physical part. */
export interface GoodScores {
  /** Ascending, without NaN. */
  readonly scores: Float64Array;
  /** The part that each score is of, numbered from 0. */
  readonly groups: Int32Array;
}

/**
 * Sorts scores together with their parts.
 * @param groups names the part of each score; left out: each is of a part of its own
 * @throws RangeError for a NaN score (names its index) and for lengths that differ
 */
export function sortGoodScores(scores: ArrayLike<number>, groups?: readonly (string | number)[]): GoodScores {
  if (groups !== undefined && groups.length !== scores.length) {
    throw new RangeError(`groups: expected ${scores.length}, one a score, got ${groups.length}`);
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`scores[${i}]: expected a number, got NaN`);
  }
  const order = Array.from(scores, (_, i) => i).sort((a, b) => {
    if (scores[a] === scores[b]) return 0;
    return scores[a] < scores[b] ? -1 : 1;
  });
  const numbers = new Map<string | number, number>();
  const numberOf = (i: number): number => {
    const name = groups === undefined ? i : groups[i];
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name)!;
  };
  return { scores: Float64Array.from(order, (i) => scores[i]), groups: Int32Array.from(order, numberOf) };
}

/** How many scores each part has, by its number. */
export function partSizes(groups: Int32Array): Int32Array {
  const sizes = new Int32Array(groups.reduce((most, group) => Math.max(most, group + 1), 0));
  for (const group of groups) sizes[group]++;
  return sizes;
}

/** How many scores are greater than `value`, or where `orEqual` at least it. */
export function countAbove(sortedScores: ArrayLike<number>, value: number, orEqual = false): number {
  let below = 0;
  let end = sortedScores.length;
  while (below < end) {
    const middle = (below + end) >>> 1;
    if (orEqual ? sortedScores[middle] < value : sortedScores[middle] <= value) below = middle + 1;
    else end = middle;
  }
  return sortedScores.length - below;
}
