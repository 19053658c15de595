import type { Rectangle, Size } from './tiles.js';

/** Larger maps than this, in pixels, are made at a lower resolution. */
const largestMap = 4_000_000;

/**
 * The size of a picture's map that is put together from tiles: as fine as the tiles' maps, and so of the picture's
 * shape, but of four million pixels at most.
 * @param tile the size of a tile in pixels of the picture
 * @param tileMap the size of a tile's map
 */
export function blendedSize(picture: Size, tile: Size, tileMap: Size): Size {
  const [height, width] = picture.map((side, axis) => (side * tileMap[axis]) / tile[axis]);
  const factor = Math.min(1, Math.sqrt(largestMap / (height * width)));
  const whole = factor < 1 ? Math.floor : Math.round;
  const side = (length: number): number => Math.min(largestMap, Math.max(1, whole(length * factor)));
  return [side(height), side(width)];
}

/** Keeps a sum of weights above 0 where only the very edge of a tile reaches. */
const smallestWeight = 1e-6;

/** Where the samples of one axis of the picture's map lie in a tile's map, and how much the tile counts there. */
interface AxisSamples {
  readonly first: number;
  readonly lower: Int32Array;
  readonly share: Float64Array;
  readonly weight: Float64Array;
}

/** @param start,tile of the tile, in pixels of the picture's `side` */
function axisSamples(side: number, map: number, start: number, tile: number, tileMap: number): AxisSamples {
  const centre = (i: number): number => ((i + 0.5) * side) / map;
  let first = Math.max(0, Math.floor((start * map) / side) - 1);
  while (centre(first) < start) first++;
  let end = first;
  while (end < map && centre(end) < start + tile) end++;
  const count = end - first;
  const [lower, share, weight] = [new Int32Array(count), new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const at = (centre(first + i) - start) / tile;
    const position = Math.min(tileMap - 1, Math.max(0, at * tileMap - 0.5));
    lower[i] = Math.min(Math.floor(position), Math.max(0, tileMap - 2));
    share[i] = position - lower[i];
    weight[i] = Math.max(smallestWeight, Math.sin(Math.PI * at) ** 2);
  }
  return { first, lower, share, weight };
}

/** Puts a picture's map together from those of its tiles. */
export interface Blending {
  /** @param map values of the tile, row by row; stretched over the tile, bilinear */
  add(tile: Rectangle, map: Float32Array): void;
  /** The blended map, row by row; 0 where no tile lay. */
  map(): Float32Array;
}

/**
 * Overlapping tiles are averaged under a window that falls smoothly to nothing at a tile's edge, sin² along each side
 * (a Hann window), the weights of each pixel summing to one: where a tile begins or ends the map has no seam.
 * @param size of the map, see {@link blendedSize}
 * @param tileMap the size of a tile's map
 */
export function blending(picture: Size, size: Size, tileMap: Size): Blending {
  const [height, width] = size;
  const sum = new Float32Array(height * width);
  const weights = new Float32Array(height * width);
  return {
    add(tile, map) {
      const rows = axisSamples(picture[0], height, tile.top, tile.height, tileMap[0]);
      const columns = axisSamples(picture[1], width, tile.left, tile.width, tileMap[1]);
      const down = tileMap[0] > 1 ? tileMap[1] : 0;
      const across = tileMap[1] > 1 ? 1 : 0;
      for (let y = 0; y < rows.lower.length; y++) {
        const row = rows.lower[y] * tileMap[1];
        const start = (rows.first + y) * width + columns.first;
        for (let x = 0; x < columns.lower.length; x++) {
          const at = row + columns.lower[x];
          const right = columns.share[x];
          const above = map[at] * (1 - right) + map[at + across] * right;
          const below = map[at + down] * (1 - right) + map[at + down + across] * right;
          const weight = rows.weight[y] * columns.weight[x];
          sum[start + x] += weight * (above * (1 - rows.share[y]) + below * rows.share[y]);
          weights[start + x] += weight;
        }
      }
    },
    map: () => sum.map((value, i) => (weights[i] === 0 ? 0 : value / weights[i])),
  };
}
