import type { Mask } from '../data/types.js';
import type { Size } from '../view/index.js';

/** Of one picture. */
const mostPixels = 4_000_000;
/** Of all pictures together: the ranking of a share of them has to fit into memory. */
const mostPixelsInAll = 2 ** 30;

/**
 * The size at which a picture's pixels are measured: its own, where it has at most four million pixels and all
 * pictures together 2^30. Larger ones are measured smaller, of the same shape, but no smaller than the map.
 * @param pictures how many are measured
 */
export function pixelSize(picture: Size, map: Size, pictures: number): Size {
  const [height, width] = picture;
  const most = Math.min(mostPixels, mostPixelsInAll / pictures);
  const factor = Math.sqrt(most / (height * width));
  if (factor >= 1) return picture;
  const side = (length: number): number => Math.min(most, Math.max(1, Math.floor(length * factor)));
  const smaller: Size = [side(height), side(width)];
  return smaller[0] * smaller[1] < map[0] * map[1] ? map : smaller;
}

/** A mask at another size: defective where any part of a pixel is, so that no thin defect is lost. */
export function resizeMask({ width, height, data }: Mask, [toHeight, toWidth]: Size): Uint8Array {
  if (toHeight === height && toWidth === width) return data;
  const resized = new Uint8Array(toHeight * toWidth);
  const rows = reach(height, toHeight);
  const columns = reach(width, toWidth);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      for (let row = rows.first[y]; row < rows.end[y]; row++) {
        resized.fill(1, row * toWidth + columns.first[x], row * toWidth + columns.end[x]);
      }
    }
  }
  return resized;
}

/** Which of `to` samples of an axis each of `from` touches. */
function reach(from: number, to: number) {
  const place = (i: number): number => (i * to) / from;
  return {
    first: Int32Array.from({ length: from }, (_, i) => Math.floor(place(i))),
    end: Int32Array.from({ length: from }, (_, i) => Math.ceil(place(i + 1))),
  };
}
