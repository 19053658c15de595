/** A mean difference over paired repetitions with its uncertainty. */
export interface PairedGain {
  readonly mean: number;
  /** 95 % interval of the mean by Student's t; infinitely wide for a single pair. */
  readonly low: number;
  readonly high: number;
}

/** Student's t, 97.5 % quantile for 1 … 10 degrees of freedom, then in steps. */
const quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const;
const laterQuantiles = [
  [15, 2.131],
  [20, 2.086],
  [30, 2.042],
] as const;

/** The quantile for so many degrees of freedom, or for fewer where it is not tabled: never too small. */
function studentQuantile(freedom: number): number {
  if (freedom < 1) return Infinity;
  if (freedom <= quantiles.length) return quantiles[freedom - 1];
  return laterQuantiles.findLast(([from]) => freedom >= from)?.[1] ?? quantiles[quantiles.length - 1];
}

/**
 * The mean of before − after over pairs, with Student's 95 % interval.
 * @throws RangeError for no pairs or lists of different lengths
 */
export function pairedGain(before: ArrayLike<number>, after: ArrayLike<number>): PairedGain {
  const count = before.length;
  if (count === 0 || after.length !== count) {
    throw new RangeError(`pairs: expected two lists of one length, got ${count} and ${after.length}`);
  }
  const differences = Array.from(before, (value, i) => value - after[i]);
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, low: -Infinity, high: Infinity };
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const margin = studentQuantile(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { mean, low: mean - margin, high: mean + margin };
}
