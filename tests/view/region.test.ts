import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  openRegion,
  parsePolygon,
  runsOf,
  sharesOfPixels,
  wholeBox,
  type Point,
} from '#csflow/view/index.js';
import { coarserShares } from '#csflow/view/region.js';
import { pixelsOf } from '#csflow/view/region-mask.js';
import { checkPolygon, looksLikePolygon, signedArea } from '#csflow/view/polygon.js';

const polygon = (points: readonly Point[]) => openRegion({ kind: 'polygon', points });
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const square: readonly Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
/** A C: open to the right. */
const concave: readonly Point[] = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.3],
  [0.3, 0.3],
  [0.3, 0.7],
  [0.9, 0.7],
  [0.9, 0.9],
  [0.1, 0.9],
];
/** Polygons whose sides do not cross: corners at rising angles around a centre. */
const stars = fc
  .array(fc.double({ min: 0.05, max: 0.45, noNaN: true }), { minLength: 5, maxLength: 12 })
  .map((radii) =>
    radii.map((radius, i): Point => {
      const angle = (2 * Math.PI * i) / radii.length;
      return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)];
    }),
  );

describe('a polygon', () => {
  it('around everything counts everything fully', () => {
    const region = polygon(square);
    expect([...region.shares(wholeBox, 3, 5)]).toEqual(new Array(15).fill(1));
    expect([...region.pixels(4, 3)]).toEqual(new Array(12).fill(1));
    expect(region.bounds).toEqual(wholeBox);
  });

  it('gives each position exactly its share', () => {
    const triangle = polygon([
      [0, 0],
      [1, 1],
      [0, 1],
    ]);
    expect([...triangle.shares(wholeBox, 2, 2)]).toEqual([0.5, 0, 1, 0.5]);
    expect([...triangle.shares({ top: 0.5, left: 0, bottom: 1, right: 1 }, 1, 2)]).toEqual([1, 0.5]);
  });

  it('may be concave', () => {
    const shares = polygon(concave).shares(wholeBox, 10, 10);
    const at = (y: number, x: number): number => shares[y * 10 + x];
    expect(at(1, 1)).toBeCloseTo(1, 6);
    expect(at(5, 1)).toBeCloseTo(1, 6);
    expect(at(5, 5)).toBe(0);
    expect(at(0, 5)).toBe(0);
    expect(sum(shares) / 100).toBeCloseTo(Math.abs(signedArea(concave)), 6);
  });

  it('has shares that add up to its area at any resolution, as its pixels nearly do', () => {
    fc.assert(
      fc.property(
        stars,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (points, rows, columns) => {
          const region = polygon(points);
          const area = Math.abs(signedArea(points));
          const shares = region.shares(wholeBox, rows, columns);
          expect(sum(shares) / (rows * columns)).toBeCloseTo(area, 5);
          expect(sum(region.pixels(200, 200)) / 40000).toBeCloseTo(area, 1);
        },
      ),
      { seed: 3 },
    );
  });

  it('has shares that are the means of its pixels', () => {
    const region = polygon(concave.map(([x, y]): Point => [x * 0.83 + 0.02 * y, y]));
    const [fine, cell] = [480, 40];
    const pixels = region.pixels(fine, fine);
    const shares = region.shares(wholeBox, 12, 12);
    shares.forEach((share, i) => {
      const [y, x] = [Math.floor(i / 12) * cell, (i % 12) * cell];
      let inside = 0;
      for (let row = y; row < y + cell; row++)
        inside += sum(pixels.subarray(row * fine + x, row * fine + x + cell));
      expect(Math.abs(inside / cell ** 2 - share)).toBeLessThan(0.03);
    });
  });

  it('has coarser shares that are the means of four', () => {
    const region = polygon(concave);
    const coarse = coarserShares(region.shares(wholeBox, 8, 12), 8, 12);
    region.shares(wholeBox, 4, 6).forEach((share, i) => expect(coarse[i]).toBeCloseTo(share, 6));
  });

  it.each([
    [
      'crosses itself',
      [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
      ],
      /sides that do not cross/,
    ],
    [
      'touches itself',
      [
        [0, 0],
        [1, 0],
        [0.5, 0.5],
        [1, 1],
        [0, 1],
        [0.5, 0.5],
      ],
      /sides that do not cross/,
    ],
    [
      'runs back on itself',
      [
        [0, 0],
        [1, 0],
        [0.5, 0],
        [0.5, 1],
      ],
      /sides that do not cross/,
    ],
    [
      'lies on a line',
      [
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
      /around an area, got an empty one/,
    ],
    [
      'names a corner twice',
      [
        [0, 0],
        [0, 0],
        [1, 1],
        [0, 1],
      ],
      /each corner once, got 0,0 twice in a row/,
    ],
  ] as readonly (readonly [string, readonly Point[], RegExp])[])(
    'is refused where it %s',
    (_, points, message) => {
      expect(() => checkPolygon(points)).toThrow(message);
    },
  );
});

describe('parsePolygon', () => {
  it('takes shares, and pixels where a number is above 1', () => {
    expect(parsePolygon('0.1,0.1 0.9,.1;0.5,1')).toEqual({
      points: [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.5, 1],
      ],
      unit: 'shares',
    });
    const { points, unit } = parsePolygon(' 0,0 200,0 200,100 ');
    expect(unit).toBe('pixels');
    expect(sharesOfPixels(points, [100, 400])).toEqual([
      [0, 0],
      [0.5, 0],
      [0.5, 1],
    ]);
    expect(() => sharesOfPixels(points, [99, 400])).toThrow(
      /inside the pictures of 400 × 99 pixels .* got 200,100/,
    );
  });

  it.each([
    ['0,0 1,1', /at least three corners.* got 2/],
    ['0,0 1 1,1', /corners x,y with blanks between.* got "1"/],
    ['0,0 1,0,1 1,1', /got "1,0,1"/],
    ['0,0 1,a 1,1', /got "1,a"/],
    ['0,0 1, 1,1', /got "1,"/],
    ['0,0 -0.5,0 1,1', /inside the picture, got the coordinate -0.5/],
  ])('refuses %j', (text, message) => expect(() => parsePolygon(text)).toThrow(message));

  it('tells corners from the name of a file', () => {
    expect(['0,0 1,0 1,1', '-1,2'].map(looksLikePolygon)).toEqual([true, true]);
    expect(['mask.png', 'a,b.png', 'masks/1,2.bmp', ''].map(looksLikePolygon)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a mask', () => {
  const drawn = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 48, maxLength: 48 });

  it('comes back from its runs', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 60 }), (bits) => {
        expect([...pixelsOf(runsOf(Uint8Array.from(bits)), bits.length)]).toEqual(bits);
      }),
    );
  });

  it('has the shares that its pixels have, at any resolution', () => {
    fc.assert(
      fc.property(
        drawn.filter((bits) => bits.includes(1)),
        (bits) => {
          const region = openRegion({
            kind: 'mask',
            height: 6,
            width: 8,
            runs: runsOf(Uint8Array.from(bits)),
          });
          expect([...region.pixels(6, 8)]).toEqual(bits);
          expect([...region.shares(wholeBox, 6, 8)].map((share) => Math.round(share * 1e6) / 1e6)).toEqual(
            bits,
          );
          for (const [rows, columns] of [
            [1, 1],
            [2, 4],
            [4, 5],
            [12, 16],
          ]) {
            const shares = region.shares(wholeBox, rows, columns);
            expect(sum(shares) / (rows * columns)).toBeCloseTo(sum(bits) / 48, 5);
          }
        },
      ),
      { seed: 4 },
    );
  });

  it('has the smallest box around it as bounds', () => {
    const pixels = new Uint8Array(40);
    pixels[13] = 1;
    pixels[25] = 1;
    const region = openRegion({ kind: 'mask', height: 4, width: 10, runs: runsOf(pixels) });
    expect(region.bounds).toEqual({ top: 0.25, left: 0.3, bottom: 0.75, right: 0.6 });
  });

  it('is refused where it is empty, or noise', () => {
    const empty = { kind: 'mask', height: 4, width: 10, runs: [40] } as const;
    expect(() => openRegion(empty)).toThrow(/at least 0.001 % of the picture, got an empty one/);
    expect(() => runsOf(Uint8Array.from({ length: 300_000 }, (_, i) => i % 2))).toThrow(/is it a photo\?/);
  });
});
