import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blendedSize, blending, tilesOf, type Rectangle, type Size } from '#csflow/view/index.js';

type Field = (y: number, x: number) => number;

/** The map of a tile as a model that sees the field at the centres of its map's pixels would give it. */
function mapOf(field: Field, { top, left, height, width }: Rectangle, [rows, columns]: Size): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [y, x] = [Math.floor(i / columns), i % columns];
    return field(top + ((y + 0.5) * height) / rows, left + ((x + 0.5) * width) / columns);
  });
}

function blended(
  picture: Size,
  tile: Size,
  overlap: number,
  tileMap: Size,
  mapFor: (tile: Rectangle) => Float32Array,
) {
  const tiles = tilesOf(picture, { tile, overlap });
  const size = blendedSize(picture, [tiles[0].height, tiles[0].width], tileMap);
  const blend = blending(picture, size, tileMap);
  for (const tile of tiles) blend.add(tile, mapFor(tile));
  return { size, map: blend.map(), tiles };
}

const extremes: readonly Size[] = [
  [1, 1],
  [1, 5000],
  [7, 3],
  [3000, 50],
  [500, 1250],
];

describe('blending', () => {
  it.each(extremes)('keeps a constant constant, whatever the shape: %i × %i', (...picture) => {
    for (const overlap of [0, 0.1, 0.25, 0.75]) {
      const { map, size } = blended(picture, [96, 96], overlap, [32, 32], () =>
        new Float32Array(32 * 32).fill(0.7),
      );
      expect(map).toHaveLength(size[0] * size[1]);
      expect(map.every((value) => Math.abs(value - 0.7) < 1e-6)).toBe(true);
    }
  });

  it('keeps a constant constant for any picture, tile and overlap', () => {
    const side = fc.integer({ min: 1, max: 300 });
    const tileSide = fc.integer({ min: 32, max: 100 });
    const overlap = fc.double({ min: 0, max: 0.75, noNaN: true });
    fc.assert(
      fc.property(side, side, tileSide, tileSide, overlap, (h, w, th, tw, share) => {
        const { map } = blended([h, w], [th, tw], share, [16, 24], () => new Float32Array(16 * 24).fill(3));
        expect(map.every((value) => Math.abs(value - 3) < 1e-5)).toBe(true);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('gives the map of a single tile back as it is', () => {
    const map = Float32Array.from({ length: 24 }, (_, i) => i * i);
    const found = blended([4, 6], [64, 64], 0.25, [4, 6], () => map);
    expect(found.size).toEqual([4, 6]);
    found.map.forEach((value, i) => expect(Math.abs(value - map[i])).toBeLessThanOrEqual(1e-6 * map[i]));
  });

  it('gives a smooth field back, without a step where tiles begin and end', () => {
    const field: Field = (y, x) => Math.sin(y / 60) + Math.cos(x / 45);
    const { map, size } = blended([400, 300], [100, 100], 0.25, [100, 100], (tile) =>
      mapOf(field, tile, [100, 100]),
    );
    expect(size).toEqual([400, 300]);
    const exact = mapOf(field, { top: 0, left: 0, height: 400, width: 300 }, size);
    expect(Math.max(...map.map((value, i) => Math.abs(value - exact[i])))).toBeLessThan(1e-5);
  });

  it('goes over from one tile to the next without a seam, even where they disagree', () => {
    // Each tile says its own number; the steps between pixels stay as small as the window's slope allows.
    let number = 0;
    const { map, size } = blended([100, 400], [100, 100], 0.5, [100, 100], () =>
      new Float32Array(100 * 100).fill(number++ % 2),
    );
    const row = map.subarray(50 * size[1], 51 * size[1]);
    expect(Math.min(...row)).toBeLessThan(0.01);
    expect(Math.max(...row)).toBeGreaterThan(0.99);
    const steps = row.slice(1).map((value, i) => Math.abs(value - row[i]));
    // sin² over 100 pixels rises by π/100 a pixel at most.
    expect(Math.max(...steps)).toBeLessThan(Math.PI / 100 + 1e-3);
  });
});

describe('blendedSize', () => {
  it('has the shape of the picture, as fine as the tiles', () => {
    expect(blendedSize([500, 1250], [500, 500], [512, 512])).toEqual([512, 1280]);
    expect(blendedSize([600, 1200], [300, 300], [128, 128])).toEqual([256, 512]);
  });

  it('has four million pixels at most', () => {
    for (const picture of [
      [12000, 9000],
      [1, 400_000_000],
      [20_000, 300],
    ] as const) {
      const [height, width] = blendedSize(picture, [1, 300], [384, 384]);
      expect(height * width).toBeLessThanOrEqual(4_000_000);
    }
  });
});
