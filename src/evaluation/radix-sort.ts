const digitBits = 11;
const digits = 1 << digitBits;
const digitMask = digits - 1;
const shifts = [0, digitBits, 2 * digitBits] as const;

/**
 * Sorts the first `count` values ascending, least significant digit first: three passes whatever the values, and
 * no pass for a digit that all share.
 * @param scratch at least as long; its content is lost
 * @returns `values` or `scratch`, whichever holds the sorted ones in its first `count` places
 */
export function radixSort(values: Uint32Array, count: number, scratch: Uint32Array): Uint32Array {
  const histograms = shifts.map(() => new Uint32Array(digits));
  const [low, middle, high] = histograms;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    low[value & digitMask]++;
    middle[(value >>> digitBits) & digitMask]++;
    high[value >>> (2 * digitBits)]++;
  }
  let from = values;
  let to = scratch;
  for (const [pass, shift] of shifts.entries()) {
    const places = histograms[pass];
    if (places.includes(count)) continue;
    let place = 0;
    for (let digit = 0; digit < digits; digit++) {
      const here = places[digit];
      places[digit] = place;
      place += here;
    }
    for (let i = 0; i < count; i++) {
      const value = from[i];
      to[places[(value >>> shift) & digitMask]++] = value;
    }
    [from, to] = [to, from];
  }
  return from;
}
