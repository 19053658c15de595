import { describe, expect, it } from 'vitest';
import { contactSheet } from '#csflow/report/index.js';

const plain = (width: number, height: number, value: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

describe('contactSheet', () => {
  it('places pictures in rows and columns with white between', () => {
    const sheet = contactSheet([[plain(4, 2, 10), plain(3, 5, 20)], [plain(6, 1, 30)]]);
    expect([sheet.width, sheet.height]).toEqual([8 + 6 + 8 + 3 + 8, 8 + 5 + 8 + 1 + 8]);
    const at = (x: number, y: number): number => sheet.data[(y * sheet.width + x) * 3];
    expect([at(8, 8), at(11, 9), at(12, 8), at(8, 10)]).toEqual([10, 10, 255, 255]);
    expect([at(22, 8), at(24, 12), at(25, 8)]).toEqual([20, 20, 255]);
    expect([at(8, 21), at(13, 21), at(14, 21)]).toEqual([30, 30, 255]);
    expect(sheet.data.filter((value) => value !== 255)).toHaveLength(3 * (8 + 15 + 6));
  });
});
