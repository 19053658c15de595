/** One branch's values of one image, [C, height, width]. */
export interface BranchValues {
  readonly channels: number;
  /** height · width */
  readonly positions: number;
  readonly data: Float32Array;
}

/** The sum of squares over the channels of each position, in double precision. */
export function squaresOf({ channels, positions, data }: BranchValues): Float64Array {
  const sums = new Float64Array(positions);
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < positions; p++) sums[p] += data[c * positions + p] ** 2;
  return sums;
}

/** The mean over the channels of (a − b)² of each position. */
export function distanceOf(a: BranchValues, b: Float32Array): Float64Array {
  const { channels, positions, data } = a;
  const sums = new Float64Array(positions);
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < positions; p++) {
      const i = c * positions + p;
      sums[p] += (data[i] - b[i]) ** 2 / channels;
    }
  return sums;
}

export const sumOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
};

/** The largest |a − b|; NaN where one of them is. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (Number.isNaN(difference)) return NaN;
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** A copy with zeros at the positions that `covered` tells. */
export function withoutPositions(
  { channels, positions, data }: BranchValues,
  covered: (position: number) => boolean,
): Float32Array {
  const copy = data.slice();
  for (let p = 0; p < positions; p++) {
    if (!covered(p)) continue;
    for (let c = 0; c < channels; c++) copy[c * positions + p] = 0;
  }
  return copy;
}
