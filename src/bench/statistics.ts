/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: expected at least one value, got none');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median over turns of the peer's value divided by ours: what slows both in a turn falls out. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((own, turn) => theirs[turn] / own));
}
