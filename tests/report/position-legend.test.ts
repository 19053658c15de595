import { describe, expect, it } from 'vitest';
import type { RgbImage } from '#csflow/data/types.js';
import { drawPositionMap, positionLegend, stacked, textLine } from '#csflow/report/index.js';

const pixel = ({ data, width }: RgbImage, y: number, x: number): number[] => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];
const dark = (image: RgbImage): number =>
  Array.from({ length: image.width * image.height }, (_, i) => image.data[3 * i]).filter((red) => red < 100)
    .length;

describe('positionLegend', () => {
  const scale = { low: 2, high: 8 };
  const ticks = [2, 5, 8].map((value) => ({ value, label: String(value) }));
  const options = { scale, ticks, caption: 'mean z² of a position' };

  it('shows the colours that position maps have over grey', () => {
    const drawn = positionLegend(options, 600);
    const grey = { width: 1, height: 1, data: Uint8Array.of(128, 128, 128) };
    const barRow = 14;
    // The bar runs from 9 to 600 − 9 pixels, margins of the letters' height.
    for (const [x, value] of [
      [154, 3.5],
      [300, 5],
      [590, 8],
    ] as const) {
      const expected = drawPositionMap({ image: grey, values: Float32Array.of(value), size: [1, 1], scale });
      pixel(drawn, barRow, x).forEach((level, c) =>
        expect(Math.abs(level - expected.data[c]), `${x}`).toBeLessThanOrEqual(3),
      );
    }
  });

  it('is as wide as asked for, or as its letters need, which it has', () => {
    expect(positionLegend(options, 600).width).toBe(600);
    const small = positionLegend(options, 10);
    expect(small.width).toBeGreaterThan(100);
    expect(dark(small)).toBeGreaterThan(dark(positionLegend({ ...options, caption: '' }, 10)));
    expect(positionLegend(options, 3000).height).toBeGreaterThan(3 * small.height);
  });
});

describe('stacked', () => {
  it('puts lines and pictures of different widths on white', () => {
    const line = textLine('picture', 9);
    const image = { width: 5, height: 4, data: new Uint8Array(60).fill(7) };
    const both = stacked([line, image]);
    expect([both.width, both.height]).toEqual([line.width, line.height + 4]);
    expect(line.width).toBeGreaterThan(5);
    expect(dark(line)).toBeGreaterThan(10);
    expect(dark(both)).toBe(dark(line) + 20);
    expect(pixel(both, line.height, 5)).toEqual([255, 255, 255]);
    expect(pixel(both, line.height + 3, 4)).toEqual([7, 7, 7]);
  });
});
