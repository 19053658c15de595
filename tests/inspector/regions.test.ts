import { describe, expect, it } from 'vitest';
import { findRegions } from '#csflow/inspector/regions.js';
import { pixelPValue } from '#csflow/inspector/map-scale.js';

const scale = {
  quantiles: [
    { p: 0.1, value: 1 },
    { p: 0.01, value: 2 },
  ],
};
const threshold = { value: 2.5 };
// prettier-ignore
const map = Float32Array.of(
  0, 0, 0, 0, 4,
  0, 3, 0, 0, 0,
  0, 0, 5, 0, 0,
  0, 0, 0, 0, 2.5,
);
const found = (picture: { width: number; height: number }) =>
  findRegions({ map, mapSize: [4, 5] }, picture, threshold, scale);

describe('findRegions', () => {
  it('names the connected parts above the threshold, the oddest first', () => {
    expect(found({ width: 5, height: 4 })).toEqual([
      { x: 1, y: 1, width: 2, height: 2, area: 2, pValue: pixelPValue(scale, 5), extrapolated: true },
      { x: 4, y: 0, width: 1, height: 1, area: 1, pValue: pixelPValue(scale, 4), extrapolated: true },
    ]);
  });

  it('counts in the picture’s pixels, whatever its shape', () => {
    expect(found({ width: 50, height: 12 })).toMatchObject([
      { x: 10, y: 3, width: 20, height: 6, area: 60 },
      { x: 40, y: 0, width: 10, height: 3, area: 30 },
    ]);
    for (const [width, height] of [
      [1, 1],
      [3, 7],
      [4096, 3],
    ] as const) {
      for (const region of found({ width, height })) {
        expect(region.area).toBeGreaterThanOrEqual(1);
        expect(region.width >= 1 && region.x + region.width <= width).toBe(true);
        expect(region.height >= 1 && region.y + region.height <= height).toBe(true);
      }
    }
  });

  it('finds none where nothing is above', () => {
    const calm = { map: new Float32Array(20).fill(2.5), mapSize: [4, 5] as const };
    expect(findRegions(calm, { width: 5, height: 4 }, threshold, scale)).toEqual([]);
  });

  it('ends p-values at one good pixel in ten million, and says which are beyond the measured ones', () => {
    const pixel = (value: number) =>
      findRegions(
        { map: Float32Array.of(value), mapSize: [1, 1] },
        { width: 1, height: 1 },
        { value: 0.5 },
        scale,
      );
    expect(pixel(1.5)).toMatchObject([{ pValue: pixelPValue(scale, 1.5), extrapolated: false }]);
    expect(pixel(2)).toMatchObject([{ pValue: 0.01, extrapolated: false }]);
    expect(pixel(3)).toMatchObject([{ pValue: pixelPValue(scale, 3), extrapolated: true }]);
    expect(pixelPValue(scale, 1e30)).toBe(0);
    expect(pixel(1e30)).toMatchObject([{ pValue: 1e-7, extrapolated: true }]);
  });
});
