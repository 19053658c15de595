import { describe, expect, it } from 'vitest';
import { decodeBmp } from '#csflow/data/bmp.js';
import { drawBmp, type BmpDrawing } from './draw-bmp.js';

const RED = [255, 0, 0] as const;
const GREEN = [0, 255, 0] as const;
const BLUE = [0, 0, 255] as const;
const GREY = [9, 9, 9] as const;
const palette = [RED, GREEN, BLUE, GREY];

function pixelsOf(drawing: BmpDrawing): number[] {
  const { width, height, data } = decodeBmp(drawBmp(drawing), 'x.bmp');
  expect([width, height, data.length]).toEqual([drawing.width, drawing.height, 3 * width * height]);
  return [...data];
}

describe('bitmaps, the bottom row stored first', () => {
  it('24 bits: blue, green, red with padded rows', () => {
    const pixels = [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0];
    const top = [9, 8, 7, 12, 11, 10];
    const bottom = [3, 2, 1, 6, 5, 4];
    expect(pixelsOf({ width: 2, height: 2, bits: 24, pixels })).toEqual([...top, ...bottom]);
    expect(pixelsOf({ width: 2, height: 2, bits: 24, pixels, topDown: true })).toEqual([...bottom, ...top]);
  });

  it('8 bits with a palette, a gap before the pixels, an index without an entry', () => {
    const pixels = [0, 1, 200, 0, 2, 3, 0, 0];
    expect(pixelsOf({ width: 3, height: 2, bits: 8, palette, pixels, gap: 6 })).toEqual(
      [BLUE, GREY, RED, RED, GREEN, [0, 0, 0]].flat(),
    );
  });

  it('4, 2 and 1 bits where a row ends within a byte', () => {
    expect(
      pixelsOf({ width: 3, height: 2, bits: 4, palette, pixels: [0x01, 0x2f, 0, 0, 0x32, 0x1f, 0, 0] }),
    ).toEqual([GREY, BLUE, GREEN, RED, GREEN, BLUE].flat());
    expect(
      pixelsOf({ width: 5, height: 1, bits: 2, palette, pixels: [0b00011011, 0b01000000, 0, 0] }),
    ).toEqual([RED, GREEN, BLUE, GREY, GREEN].flat());
    const twoColours = palette.slice(0, 2);
    expect(
      pixelsOf({ width: 9, height: 1, bits: 1, palette: twoColours, pixels: [0b10000001, 0x80, 0, 0] }),
    ).toEqual([GREEN, RED, RED, RED, RED, RED, RED, GREEN, GREEN].flat());
  });

  it('16 bits: five each, or as the masks say', () => {
    const white = [0xff, 0x7f];
    const darkest = [0x00, 0x04]; // red 1 of 31
    expect(pixelsOf({ width: 2, height: 1, bits: 16, pixels: [...white, ...darkest] })).toEqual([
      255, 255, 255, 8, 0, 0,
    ]);
    const masks = [0xf800, 0x07e0, 0x001f];
    expect(
      pixelsOf({ width: 2, height: 1, bits: 16, compression: 3, masks, pixels: [0xe0, 0x07, 0x1f, 0xf8] }),
    ).toEqual([0, 255, 0, 255, 0, 255]);
  });

  it('32 bits: alpha dropped, masks in another order', () => {
    expect(pixelsOf({ width: 1, height: 1, bits: 32, pixels: [1, 2, 3, 0] })).toEqual([3, 2, 1]);
    const masks = [0xff, 0xff00, 0xff0000];
    expect(pixelsOf({ width: 1, height: 1, bits: 32, compression: 3, masks, pixels: [1, 2, 3, 9] })).toEqual([
      1, 2, 3,
    ]);
  });

  it('run-length coded: runs, literal indices with their padding, jumps, a run past its row', () => {
    const rle8 = [2, 1, 0, 3, 2, 3, 1, 0, 0, 0, 0, 2, 1, 0, 9, 2, 0, 1];
    const bottom = [GREEN, GREEN, BLUE, GREY, GREEN].flat();
    const top = [RED, BLUE, BLUE, BLUE, BLUE].flat();
    expect(pixelsOf({ width: 5, height: 2, bits: 8, compression: 1, palette, pixels: rle8 })).toEqual([
      ...top,
      ...bottom,
    ]);
    const rle4 = [3, 0x12, 0, 5, 0x01, 0x23, 0x10, 0, 0, 1];
    expect(pixelsOf({ width: 8, height: 1, bits: 4, compression: 2, palette, pixels: rle4 })).toEqual(
      [GREEN, BLUE, GREEN, RED, GREEN, BLUE, GREY, GREEN].flat(),
    );
  });

  it('an OS/2 header with a palette of three bytes an entry', () => {
    const file = Buffer.from([
      ...[0x42, 0x4d, 0, 0, 0, 0, 0, 0, 0, 0, 14 + 12 + 6, 0, 0, 0],
      ...[12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 1, 0],
      ...[1, 2, 3, 4, 5, 6],
      ...[0b01000000, 0, 0, 0],
    ]);
    expect([...decodeBmp(file, 'os2.bmp').data]).toEqual([3, 2, 1, 6, 5, 4]);
  });
});

describe('bitmaps that are refused', () => {
  const whole = { width: 3, height: 3, bits: 24, pixels: Array<number>(36).fill(7) };

  it('every cut of a file, except for padding behind the last pixel', () => {
    const file = drawBmp(whole);
    for (let length = 2; length < file.length; length++) {
      const read = () => decodeBmp(file.subarray(0, length), 'cut.bmp');
      if (length < file.length - 3)
        expect(read, `cut at ${length}`).toThrow(/cut\.bmp: .*(cut short|damaged)/);
      else expect([...read().data]).toEqual(Array<number>(27).fill(7));
    }
  });

  it('run-length data that ends before the picture', () => {
    const drawing = { width: 4, height: 2, bits: 8, compression: 1, palette };
    for (const pixels of [
      [2, 1],
      [0, 8, 1, 2],
      [0, 2, 1],
      [4, 1, 0],
    ]) {
      expect(() => decodeBmp(drawBmp({ ...drawing, pixels }), 'cut.bmp')).toThrow(/cut short/);
    }
  });

  it.each([
    [
      'more than 400 megapixels',
      { ...whole, width: 30_000, height: 30_000 },
      /900 megapixels; expected at most 400/,
    ],
    [
      'an unknown compression',
      { ...whole, compression: 4 },
      /24 bits a pixel, compression 4\) is not supported/,
    ],
    ['a width of zero', { ...whole, width: 0 }, /damaged: a size of 0 × 3/],
    [
      'an empty colour mask',
      { ...whole, bits: 16, compression: 3, masks: [0, 1, 2] },
      /colour mask is empty/,
    ],
  ])('%s', (_, drawing, message) => {
    expect(() => decodeBmp(drawBmp(drawing), 'x.bmp')).toThrow(message);
  });
});
