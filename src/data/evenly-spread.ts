/** `count` elements of a list, evenly spread over it; all where it has no more. */
export function evenlySpread<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}
