const topShift = 21;
const topDigits = 1 << (32 - topShift);
const middleShift = 11;
const middleDigits = 1 << (topShift - middleShift);
const middleMask = middleDigits - 1;
const lowDigits = 1 << middleShift;
const lowMask = lowDigits - 1;

/** Fewer values than this are sorted faster by insertion. */
const few = 64;

/**
 * Sorts the first `count` values ascending: dealt out by their highest 11 bits first, then each share by its lower
 * digits, where it fits into a core's cache.
 * @param scratch at least as long, and not the same memory
 * @returns `scratch`, with the sorted values in its first `count` places; what `values` holds is lost
 */
export function radixSort(values: Uint32Array, count: number, scratch: Uint32Array): Uint32Array {
  const places = new Uint32Array(topDigits + 1);
  for (let i = 0; i < count; i++) places[(values[i] >>> topShift) + 1]++;
  for (let digit = 0; digit < topDigits; digit++) places[digit + 1] += places[digit];
  const starts = places.slice();
  for (let i = 0; i < count; i++) {
    const value = values[i];
    scratch[places[value >>> topShift]++] = value;
  }
  const low = new Uint32Array(lowDigits);
  const middle = new Uint32Array(middleDigits);
  for (let digit = 0; digit < topDigits; digit++) {
    const start = starts[digit];
    const end = starts[digit + 1];
    if (end - start < few) insertionSort(scratch, start, end);
    else sortLowerDigits(scratch, values, start, end, low, middle);
  }
  return scratch;
}

/** Least significant digit first, to `other` and back. */
function sortLowerDigits(
  values: Uint32Array,
  other: Uint32Array,
  start: number,
  end: number,
  low: Uint32Array,
  middle: Uint32Array,
): void {
  low.fill(0);
  middle.fill(0);
  for (let i = start; i < end; i++) {
    const value = values[i];
    low[value & lowMask]++;
    middle[(value >>> middleShift) & middleMask]++;
  }
  countsToPlaces(low, start);
  countsToPlaces(middle, start);
  for (let i = start; i < end; i++) {
    const value = values[i];
    other[low[value & lowMask]++] = value;
  }
  for (let i = start; i < end; i++) {
    const value = other[i];
    values[middle[(value >>> middleShift) & middleMask]++] = value;
  }
}

function countsToPlaces(counts: Uint32Array, start: number): void {
  let place = start;
  for (let digit = 0; digit < counts.length; digit++) {
    const here = counts[digit];
    counts[digit] = place;
    place += here;
  }
}

function insertionSort(values: Uint32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const value = values[i];
    let j = i;
    while (j > start && values[j - 1] > value) {
      values[j] = values[j - 1];
      j--;
    }
    values[j] = value;
  }
}
