import { describe, expect, it } from 'vitest';
import type { RgbImage } from '#csflow/data/types.js';
import type { MapScale } from '#csflow/inspector/map-scale.js';
import { legend, oneIn, withLegend } from '#csflow/report/legend.js';
import { drawText, textWidth } from '#csflow/report/lettering.js';
import { renderHeatmap } from '#csflow/report/heatmap.js';

const scale: MapScale = {
  quantiles: [
    { p: 0.01, value: 1 },
    { p: 0.001, value: 2 },
  ],
};
const threshold = { pValue: 0.0002 };

const pixel = ({ data, width }: RgbImage, y: number, x: number): number[] => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe('oneIn', () => {
  it('names a p-value in good pixels, and marks what is extrapolated', () => {
    expect(oneIn(0.01, scale)).toBe('1 in 100');
    expect(oneIn(0.001, scale)).toBe('1 in 1,000');
    expect(oneIn(1 / 731, scale)).toBe('1 in 730');
    expect(oneIn(0.0001, scale)).toBe('~1 in 10,000');
    expect(oneIn(0, scale)).toBe('~1 in 10,000,000');
  });
});

describe('legend', () => {
  it('shows the colours that heatmaps have over grey, in the order of their p-values', () => {
    const drawn = legend({ scale, threshold }, 600);
    const grey = { width: 1, height: 1, data: Uint8Array.of(128, 128, 128) };
    const barRow = 14;
    // The bar runs from 8 + 1 to 600 − 9 pixels, margins of the letters' height.
    for (const [x, value] of [
      [9, 1],
      [300, 2],
      [590, 3],
    ] as const) {
      const expected = renderHeatmap({
        image: grey,
        map: Float32Array.of(value),
        mapHeight: 1,
        mapWidth: 1,
        scale,
      });
      pixel(drawn, barRow, x).forEach((level, c) =>
        expect(Math.abs(level - expected.data[c]), `${x}`).toBeLessThanOrEqual(3),
      );
    }
  });

  it('is as wide as asked for, or as its letters need, and grows with the picture', () => {
    expect(legend({ scale, threshold }, 600).width).toBe(600);
    const small = legend({ scale, threshold }, 10);
    expect(small.width).toBeGreaterThan(200);
    expect(small.width).toBeLessThan(340);
    expect(legend({ scale, threshold }, 3000).height).toBeGreaterThan(3 * small.height);
  });

  it('says where outlines are only if there are any', () => {
    const cyan = (drawn: RgbImage): boolean =>
      Array.from({ length: drawn.width * drawn.height }, (_, i) => i).some((i) => {
        const [red, green, blue] = pixel(drawn, Math.floor(i / drawn.width), i % drawn.width);
        return blue > 200 && green > 180 && red < 120;
      });
    expect(cyan(legend({ scale, threshold }, 600))).toBe(true);
    expect(cyan(legend({ scale }, 600))).toBe(false);
  });
});

describe('withLegend', () => {
  it('leaves every pixel of the picture where and as it is, and adds the legend below', () => {
    const image = { width: 40, height: 30, data: Uint8Array.from({ length: 3600 }, (_, i) => (i * 7) % 251) };
    const drawn = withLegend(image, { scale, threshold });
    const below = legend({ scale, threshold }, 40);
    expect([drawn.width, drawn.height]).toEqual([below.width, 30 + below.height]);
    for (let y = 0; y < 30; y++) {
      for (let x = 0; x < 40; x++) expect(pixel(drawn, y, x)).toEqual(pixel(image, y, x));
      expect(pixel(drawn, y, 41)).toEqual([255, 255, 255]);
    }
    for (let x = 0; x < below.width; x++) expect(pixel(drawn, 40, x)).toEqual(pixel(below, 10, x));
  });
});

describe('lettering', () => {
  const blank = (width: number, height: number): RgbImage => ({
    width,
    height,
    data: new Uint8Array(3 * width * height).fill(255),
  });
  const inkAt = (image: RgbImage): number[] =>
    Array.from({ length: image.width * image.height }, (_, i) => i).filter((i) => image.data[3 * i] < 128);

  it('stands on its baseline, capitals as high as asked for, as wide as said', () => {
    const image = blank(300, 60);
    drawText(image, '10', 10, 50, 42, [0, 0, 0]);
    const rows = inkAt(image).map((i) => Math.floor(i / 300));
    expect(Math.abs(Math.min(...rows) - 8)).toBeLessThanOrEqual(3);
    expect(Math.abs(Math.max(...rows) - 50)).toBeLessThanOrEqual(3);
    const columns = inkAt(image).map((i) => i % 300);
    expect(Math.max(...columns)).toBeLessThan(10 + textWidth('10', 42));
    expect(textWidth('10', 42)).toBe(80);
  });

  it('is cut at the picture’s border and refuses a letter it has no strokes for', () => {
    const image = blank(20, 10);
    drawText(image, 'good', -5, 12, 9, [0, 0, 0]);
    expect(inkAt(image).length).toBeGreaterThan(5);
    expect(() => drawText(image, 'Q', 0, 9, 9, [0, 0, 0])).toThrow('has no glyph for "Q"');
  });
});
