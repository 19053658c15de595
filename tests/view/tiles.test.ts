import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cropParts, tilesAtOnce, tilesOf } from '#csflow/view/index.js';

const sizes = fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 700 }));
const tilings = fc.record({
  tile: fc.tuple(fc.integer({ min: 32, max: 300 }), fc.integer({ min: 32, max: 300 })),
  overlap: fc.double({ min: 0, max: 0.75, noNaN: true }),
});

describe('tilesOf', () => {
  it('covers every pixel, stays inside, and all tiles are of one size', () => {
    fc.assert(
      fc.property(sizes, tilings, (picture, tiling) => {
        const tiles = tilesOf(picture, tiling);
        for (const axis of [0, 1] as const) {
          const [start, length] = axis === 0 ? (['top', 'height'] as const) : (['left', 'width'] as const);
          const side = Math.min(tiling.tile[axis], picture[axis]);
          const starts = [...new Set(tiles.map((tile) => tile[start]))].sort((a, b) => a - b);
          expect(tiles.every((tile) => tile[length] === side)).toBe(true);
          expect(starts[0]).toBe(0);
          expect(starts.at(-1)! + side).toBe(picture[axis]);
          starts.slice(1).forEach((next, i) => {
            // Neighbours share what was asked for, to the pixel.
            expect(starts[i] + side - next).toBeGreaterThanOrEqual(Math.floor(side * tiling.overlap));
          });
        }
      }),
      { seed: 1 },
    );
  });

  it('shifts the last tile inwards', () => {
    const tiles = tilesOf([100, 250], { tile: [100, 100], overlap: 0.25 });
    expect(tiles.map(({ left }) => left)).toEqual([0, 75, 150]);
    expect(tilesOf([100, 226], { tile: [100, 100], overlap: 0.25 }).map(({ left }) => left)).toEqual([
      0, 75, 126,
    ]);
  });

  it('takes a side shorter than the tile as a whole', () => {
    expect(tilesOf([3, 90], { tile: [64, 64], overlap: 0 })).toEqual([
      { top: 0, left: 0, height: 3, width: 64 },
      { top: 0, left: 26, height: 3, width: 64 },
    ]);
  });

  it('lays tiles over a part of the picture; a small part lies in the middle of one tile', () => {
    const tiling = { tile: [50, 50] as const, overlap: 0 };
    expect(tilesOf([200, 200], tiling, { top: 20, left: 60, height: 10, width: 60 })).toEqual([
      { top: 0, left: 60, height: 50, width: 50 },
      { top: 0, left: 70, height: 50, width: 50 },
    ]);
    expect(tilesOf([200, 200], tiling, { top: 100, left: 190, height: 10, width: 10 })).toEqual([
      { top: 80, left: 150, height: 50, width: 50 },
    ]);
  });
});

describe('cropParts', () => {
  it('gives the pixels of each part', () => {
    const [height, width] = [5, 7];
    const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => i);
    const at = (y: number, x: number): number[] => [0, 1, 2].map((c) => (y * width + x) * 3 + c);
    const parts = [
      { top: 0, left: 0, height: 2, width: 2 },
      { top: 3, left: 5, height: 2, width: 2 },
    ];
    expect([...cropParts({ height, width, data }, parts)]).toEqual(
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [3, 5],
        [3, 6],
        [4, 5],
        [4, 6],
      ].flatMap(([y, x]) => at(y, x)),
    );
  });
});

describe('tilesAtOnce', () => {
  it.each([
    [[128, 128], 16],
    [[384, 384], 4],
    [[512, 512], 2],
    [[1024, 1024], 1],
  ] as const)('%j: %i', (size, count) => expect(tilesAtOnce(size)).toBe(count));
});
