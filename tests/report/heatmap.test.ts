import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '#csflow/data/types.js';
import { resizeBilinear } from '#csflow/report/bilinear.js';
import { renderHeatmap, type HeatmapOptions } from '#csflow/report/heatmap.js';

fc.configureGlobal({ seed: 2022 });

function picture(height: number, width: number): RgbImage {
  return { height, width, data: Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 37) % 256) };
}

function pixel({ data, width }: RgbImage, y: number, x: number): number[] {
  return [...data.slice(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

const grey: RgbImage = { height: 8, width: 8, data: new Uint8Array(192).fill(100) };
const onGrey = (map: Float32Array, more: Partial<HeatmapOptions> = {}): RgbImage =>
  renderHeatmap({ image: grey, map, mapHeight: 2, mapWidth: 2, scale: { low: 1, high: 3 }, ...more });

describe('resizeBilinear', () => {
  it('equals PyTorch’s interpolate with align_corners = false', () => {
    const doubled = resizeBilinear({ height: 2, width: 2, data: Float32Array.of(1, 2, 3, 4) }, 4, 4);
    // prettier-ignore
    expect([...doubled.data]).toEqual([
      1, 1.25, 1.75, 2,
      1.5, 1.75, 2.25, 2.5,
      2.5, 2.75, 3.25, 3.5,
      3, 3.25, 3.75, 4,
    ]);
    const narrow = resizeBilinear({ height: 1, width: 4, data: Float32Array.of(0, 1, 2, 7) }, 1, 2);
    expect([...narrow.data]).toEqual([0.5, 4.5]);
  });

  it('keeps a plane of its own size, and never leaves the range of its values', () => {
    const size = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(size, size, size, size, (height, width, toHeight, toWidth) => {
        const data = Float32Array.from({ length: height * width }, (_, i) => ((i * 7) % 11) - 5);
        const plane = { height, width, data };
        expect(resizeBilinear(plane, height, width)).toEqual(plane);
        const resized = resizeBilinear(plane, toHeight, toWidth).data;
        expect(resized).toHaveLength(toHeight * toWidth);
        expect(Math.min(...resized)).toBeGreaterThanOrEqual(Math.min(...data));
        expect(Math.max(...resized)).toBeLessThanOrEqual(Math.max(...data));
      }),
    );
  });
});

describe('renderHeatmap', () => {
  it('leaves the picture as it is where the map is at or below the low end', () => {
    const image = picture(11, 7);
    const before = image.data.slice();
    const map = Float32Array.of(-1e30, 0, 1, 1);
    const drawn = renderHeatmap({ image, map, mapHeight: 2, mapWidth: 2, scale: { low: 1, high: 3 } });
    expect(drawn).toEqual({ width: 7, height: 11, data: before });
    expect(drawn.data).not.toBe(image.data);
  });

  it('changes the picture more, the higher the value, up to the high end', () => {
    const change = (value: number) =>
      onGrey(new Float32Array(4).fill(value)).data.reduce((sum, v) => sum + Math.abs(v - 100), 0);
    expect(change(1)).toBe(0);
    const changes = [1.2, 1.6, 2, 2.4, 2.8, 3].map(change);
    expect(changes).toEqual([...changes].sort((a, b) => a - b));
    expect(new Set(changes).size).toBe(6);
    expect(onGrey(new Float32Array(4).fill(3))).toEqual(onGrey(new Float32Array(4).fill(50)));
    expect(onGrey(new Float32Array(4).fill(3))).toEqual(onGrey(new Float32Array(4).fill(1e38)));
  });

  it('puts the heat where the map has it and does not touch the picture it was given', () => {
    const drawn = onGrey(Float32Array.of(0, 0, 0, 9));
    expect(pixel(drawn, 0, 0)).toEqual([100, 100, 100]);
    const [red, green, blue] = pixel(drawn, 7, 7);
    expect(red).toBeGreaterThan(180);
    expect(green).toBeGreaterThan(180);
    expect(blue).toBeLessThan(red - 30);
    expect(new Set(grey.data)).toEqual(new Set([100]));
  });

  it('uses the caller’s scale: the same value has the same colour in every map', () => {
    const one = onGrey(Float32Array.of(2, 2, 2, 2));
    const other = onGrey(Float32Array.of(2, 2, 2, 900));
    expect(pixel(other, 0, 0)).toEqual(pixel(one, 0, 0));
  });

  it('draws a line just inside of what is above the threshold, on any picture', () => {
    const map = Float32Array.of(0, 0, 0, 0, 0, 5, 5, 0, 0, 5, 5, 0, 0, 0, 0, 0);
    const image: RgbImage = { height: 16, width: 16, data: new Uint8Array(768) };
    const options = { image, map, mapHeight: 4, mapWidth: 4, scale: { low: 10, high: 11 } };
    expect(renderHeatmap(options).data.every((value) => value === 0)).toBe(true);
    const drawn = renderHeatmap({ ...options, threshold: 2.4 });
    const line = Array.from({ length: 256 }, (_, i) => pixel(drawn, i >> 4, i & 15)[2] > 0);
    const at = (y: number, x: number) => line[16 * y + x];
    const row8 = line.slice(8 * 16, 9 * 16).flatMap((on, x) => (on ? [x] : []));
    expect(row8).toEqual([4, 11]);
    expect(at(8, 8)).toBe(false);
    expect(at(4, 7) && at(11, 7) && at(7, 4) && at(7, 11)).toBe(true);
    expect(at(0, 0) || at(3, 7) || at(12, 7)).toBe(false);
  });

  it('no line where all or nothing is above the threshold', () => {
    const map = Float32Array.of(1, 1, 1, 1);
    expect(onGrey(map, { threshold: 1 })).toEqual(grey);
    expect(onGrey(map, { threshold: 0.5 })).toEqual(grey);
  });

  it('refuses what does not fit', () => {
    const map = new Float32Array(4);
    expect(() => onGrey(Float32Array.of(0, Infinity, 1, 2))).toThrow('map[1]: expected a finite number');
    expect(() => onGrey(Float32Array.of(0, 1, NaN, 2))).toThrow('map[2]');
    expect(() => onGrey(map, { mapHeight: 3 })).toThrow('map: expected 3 × 2');
    expect(() => onGrey(new Float32Array(0), { mapHeight: 0 })).toThrow(RangeError);
    expect(() => onGrey(map, { image: { ...grey, width: 9 } })).toThrow('image: expected 8 × 9 × 3');
    for (const scale of [
      { low: 1, high: 1 },
      { low: 2, high: 1 },
      { low: NaN, high: 1 },
      { low: 0, high: Infinity },
    ]) {
      expect(() => onGrey(map, { scale })).toThrow('scale: expected');
    }
  });
});
