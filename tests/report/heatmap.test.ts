import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '#csflow/data/types.js';
import { valueAtPValue, type MapScale } from '#csflow/inspector/map-scale.js';
import { resizeBilinear } from '#csflow/view/index.js';
import { renderHeatmap, type HeatmapOptions } from '#csflow/report/heatmap.js';

fc.configureGlobal({ seed: 2022 });

/** p = 0.01 at 1, 0.001 at 2, 0.0001 at 3. */
const scale: MapScale = {
  quantiles: [
    { p: 0.01, value: 1 },
    { p: 0.001, value: 2 },
    { p: 0.0001, value: 3 },
  ],
};

function picture(height: number, width: number): RgbImage {
  return { height, width, data: Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 37) % 256) };
}

function pixel({ data, width }: RgbImage, y: number, x: number): number[] {
  return [...data.slice(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

const grey: RgbImage = { height: 8, width: 8, data: new Uint8Array(192).fill(100) };
const onGrey = (map: Float32Array, more: Partial<HeatmapOptions> = {}): RgbImage =>
  renderHeatmap({ image: grey, map, mapHeight: 2, mapWidth: 2, scale, ...more });

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
  it('leaves the picture as it is where a pixel is no odder than one in a hundred good ones', () => {
    const image = picture(11, 7);
    const before = image.data.slice();
    const map = Float32Array.of(0, 0.2, 1, 1);
    const drawn = renderHeatmap({ image, map, mapHeight: 2, mapWidth: 2, scale });
    expect(drawn).toEqual({ width: 7, height: 11, data: before });
    expect(drawn.data).not.toBe(image.data);
  });

  it('changes the picture more, the seldomer a good pixel is so odd, up to one in 10,000', () => {
    const change = (value: number) =>
      onGrey(new Float32Array(4).fill(value)).data.reduce((sum, v) => sum + Math.abs(v - 100), 0);
    expect(change(1)).toBe(0);
    const changes = [1.2, 1.6, 2, 2.4, 2.8, 3].map(change);
    expect(changes).toEqual([...changes].sort((a, b) => a - b));
    expect(new Set(changes).size).toBe(6);
    expect(onGrey(new Float32Array(4).fill(3))).toEqual(onGrey(new Float32Array(4).fill(50)));
    expect(onGrey(new Float32Array(4).fill(3))).toEqual(onGrey(new Float32Array(4).fill(1e38)));
  });

  it('colours by the p-value alone: two models with other values give the same picture', () => {
    const other: MapScale = {
      quantiles: [
        { p: 0.01, value: 70 },
        { p: 0.0005, value: 71 },
        { p: 0.0001, value: 900 },
      ],
    };
    for (const p of [0.02, 0.005, 0.001, 0.0003]) {
      const on = (of: MapScale) => onGrey(new Float32Array(4).fill(valueAtPValue(of, p)), { scale: of });
      const [one, two] = [on(scale), on(other)];
      one.data.forEach((value, i) => expect(Math.abs(value - two.data[i])).toBeLessThanOrEqual(1));
    }
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

  it('refuses what does not fit', () => {
    const map = new Float32Array(4);
    expect(() => onGrey(Float32Array.of(0, Infinity, 1, 2))).toThrow('map[1]: expected a finite number');
    expect(() => onGrey(Float32Array.of(0, 1, NaN, 2))).toThrow('map[2]');
    expect(() => onGrey(map, { mapHeight: 3 })).toThrow('map: expected 3 × 2');
    expect(() => onGrey(new Float32Array(0), { mapHeight: 0 })).toThrow(RangeError);
    expect(() => onGrey(map, { image: { ...grey, width: 9 } })).toThrow('image: expected 8 × 9 × 3');
  });
});

describe('the outline', () => {
  const black = (side: number): RgbImage => ({
    height: side,
    width: side,
    data: new Uint8Array(3 * side * side),
  });
  const high: MapScale = { quantiles: [{ p: 0.5, value: 1000 }] };

  it('follows the line where the map passes the threshold, thin and closed, on a picture of any size', () => {
    // A cone: the line of height t is a circle.
    const side = 33;
    const map = Float32Array.from({ length: side * side }, (_, i) =>
      Math.max(0, 20 - Math.hypot(Math.floor(i / side) - 16, (i % side) - 16)),
    );
    for (const size of [33, 100, 400]) {
      const options = { image: black(size), map, mapHeight: side, mapWidth: side, scale: high };
      expect(renderHeatmap(options).data.every((value) => value === 0)).toBe(true);
      const drawn = renderHeatmap({ ...options, threshold: 10 });
      const radius = (10 * size) / side;
      let ink = 0;
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const opacity = pixel(drawn, y, x)[2] / 255;
          ink += opacity;
          const distance = Math.abs(Math.hypot(y - (size - 1) / 2, x - (size - 1) / 2) - radius);
          if (opacity > 0) expect(distance).toBeLessThan(2);
          if (distance < 0.2) expect(opacity).toBeGreaterThan(0.5);
        }
      }
      // As much ink as a line of that length and 1.25 pixels of width.
      expect(ink / (2 * Math.PI * radius * 1.25)).toBeCloseTo(1, 0);
    }
  });

  it('is not drawn where all or nothing is above the threshold', () => {
    const map = Float32Array.of(1, 1, 1, 1);
    expect(onGrey(map, { threshold: 1 })).toEqual(grey);
    expect(onGrey(map, { threshold: 0.5 })).toEqual(grey);
  });

  it('grows with the picture', () => {
    const map = Float32Array.of(0, 0, 4, 4);
    const thickness = (side: number): number => {
      const options = { image: black(side), map, mapHeight: 2, mapWidth: 2, scale: high, threshold: 2 };
      const drawn = renderHeatmap(options);
      return Array.from({ length: side }, (_, y) => pixel(drawn, y, 0)[2] / 255).reduce((a, b) => a + b);
    };
    expect(thickness(200)).toBeCloseTo(1.25, 0);
    expect(thickness(2400)).toBeCloseTo(3, 0);
  });
});
