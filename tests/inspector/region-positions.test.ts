import { describe, expect, it } from 'vitest';
import { mapRegions } from '#csflow/inspector/explain/region-positions.js';

/** A map of 16 × 32 pixels over feature maps of 4 × 8, 2 × 4 and 1 × 2 positions: cells of 4, 8 and 16 pixels. */
const size = [16, 32] as const;
const featureMaps = [
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

function mapWith(spots: readonly (readonly [y: number, x: number, value: number])[]): Float32Array {
  const map = new Float32Array(16 * 32).fill(1);
  for (const [y, x, value] of spots) map[y * 32 + x] = value;
  return map;
}

function square(y0: number, x0: number, side: number, value: number): [number, number, number][] {
  return Array.from({ length: side * side }, (_, i) => [y0 + Math.floor(i / side), x0 + (i % side), value]);
}

const coveredBy = (covering: readonly (readonly number[])[], region: number): number[] =>
  covering.flatMap((regions, position) => (regions.includes(region) ? [position] : []));

describe('mapRegions', () => {
  it('covers the positions whose middle lies inside, and the coarser ones that hold them', () => {
    // Rows 4–11, columns 8–15: cells (1, 2), (1, 3), (2, 2), (2, 3).
    const { regions, covering } = mapRegions(mapWith(square(4, 8, 8, 5)), size, 2, featureMaps);
    expect(regions).toEqual([{ box: { x: 8, y: 4, width: 8, height: 8 }, pixels: 64, peak: 5 }]);
    expect(coveredBy(covering[0], 0)).toEqual([10, 11, 18, 19]);
    expect(coveredBy(covering[1], 0)).toEqual([1, 5]);
    expect(coveredBy(covering[2], 0)).toEqual([0]);
  });

  it('keeps regions apart, and tells which share a coarse position', () => {
    const map = mapWith([...square(0, 0, 4, 3), ...square(12, 12, 4, 7)]);
    const { regions, covering } = mapRegions(map, size, 2, featureMaps);
    expect(regions.map(({ peak }) => peak)).toEqual([3, 7]);
    expect(coveredBy(covering[0], 0)).toEqual([0]);
    expect(coveredBy(covering[0], 1)).toEqual([27]);
    expect(covering[2]).toEqual([[0, 1], []]);
  });

  it('gives a region between all middles the position of its peak', () => {
    const map = mapWith([
      [3, 7, 4],
      [3, 8, 9],
    ]);
    const { regions, covering } = mapRegions(map, size, 2, featureMaps);
    expect(regions).toEqual([{ box: { x: 7, y: 3, width: 2, height: 1 }, pixels: 2, peak: 9 }]);
    expect(coveredBy(covering[0], 0)).toEqual([2]);
  });

  it('takes the highest pixels where nothing is above the threshold', () => {
    const { regions } = mapRegions(mapWith([[5, 5, 1.5]]), size, 1.5, featureMaps);
    expect(regions).toEqual([{ box: { x: 5, y: 5, width: 1, height: 1 }, pixels: 1, peak: 1.5 }]);
    const even = mapRegions(mapWith([]), size, 2, featureMaps);
    expect(even.regions).toEqual([{ box: { x: 0, y: 0, width: 32, height: 16 }, pixels: 512, peak: 1 }]);
    expect(coveredBy(even.covering[2], 0)).toEqual([0, 1]);
  });
});
