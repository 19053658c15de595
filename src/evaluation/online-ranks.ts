/** Values that each newcomer is ranked among before it joins them. */
export interface OnlineRanks {
  /**
   * The newcomer's conformal p-value from below: (values below it + θ · (values equal to it, itself included)) /
   * (all values, itself included), θ uniform in [0, 1). It is exactly uniform and independent of the earlier ones
   * where all values are exchangeable, ties or not (Vovk, Gammerman & Shafer 2005, §2.2, smoothed p-values).
   * @throws RangeError for a value that is not finite
   */
  add(value: number, theta: number): number;
}

/** @param start the values that are there from the beginning, in any order */
export function onlineRanks(start: ArrayLike<number>): OnlineRanks {
  const values = Array.from(start).sort((a, b) => a - b);
  return {
    add(value, theta) {
      if (!Number.isFinite(value)) throw new RangeError(`score: expected a finite number, got ${value}`);
      const below = firstAt(values, (other) => other >= value);
      const notAbove = firstAt(values, (other) => other > value);
      values.splice(notAbove, 0, value);
      return (below + theta * (notAbove - below + 1)) / values.length;
    },
  };
}

/** The first index from which on the condition holds; the values are ascending. */
function firstAt(values: readonly number[], holds: (value: number) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
