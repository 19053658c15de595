import { describe, expect, it } from 'vitest';
import { drawPositionMap, shrunk } from '#csflow/report/index.js';

const grey = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(100),
});
const pixel = ({ width, data }: { width: number; data: Uint8Array }, y: number, x: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe('drawPositionMap', () => {
  const values = Float32Array.of(0, 1, 2, 5);
  const drawn = drawPositionMap({ image: grey(8, 6), values, size: [2, 2], scale: { low: 1, high: 3 } });

  it('leaves calm positions as they are and fills each other one evenly', () => {
    expect(pixel(drawn, 0, 0)).toEqual([100, 100, 100]);
    expect(pixel(drawn, 2, 7)).toEqual([100, 100, 100]);
    expect(pixel(drawn, 3, 0)).toEqual(pixel(drawn, 5, 3));
    expect(pixel(drawn, 3, 0)).not.toEqual(pixel(drawn, 3, 4));
  });

  it('has the hottest colour from the upper bound on', () => {
    const hottest = drawPositionMap({
      image: grey(8, 6),
      values: values.map((value) => Math.min(value, 3)),
      size: [2, 2],
      scale: { low: 1, high: 3 },
    });
    expect(pixel(drawn, 5, 7)).toEqual(pixel(hottest, 5, 7));
    const [red, green, blue] = pixel(drawn, 5, 7);
    expect(Math.min(red, green, blue)).toBeGreaterThan(140);
  });

  it('refuses values that are not as many as the positions', () => {
    expect(() =>
      drawPositionMap({ image: grey(4, 4), values, size: [2, 3], scale: { low: 0, high: 1 } }),
    ).toThrow('values: expected 2 × 3, got 4');
  });
});

describe('shrunk', () => {
  it('keeps the aspect, and a small picture as it is', async () => {
    const small = grey(20, 10);
    expect(await shrunk(small, 20)).toBe(small);
    const { width, height, data } = await shrunk(grey(100, 50), 20);
    expect([width, height, data.length]).toEqual([20, 10, 600]);
    expect(new Set(data)).toEqual(new Set([100]));
  });
});
