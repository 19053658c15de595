import { UsageError } from '../errors.js';
import type { Box } from './box.js';
import { checkPolygon, polygonPixels, polygonShares, signedArea, type Point } from './polygon.js';
import { maskPixels, maskShares, pixelsOf } from './region-mask.js';

/** A region of interest, whatever the size of a picture: it is stretched with it. */
export type Region =
  /** Corners in shares of the picture's width and height, from its top left. */
  | { readonly kind: 'polygon'; readonly points: readonly Point[] }
  /** A mask of its own size; `runs` as `runsOf` gives them. */
  | {
      readonly kind: 'mask';
      readonly height: number;
      readonly width: number;
      readonly runs: readonly number[];
    };

/** A region ready to be asked. */
export interface OpenRegion {
  readonly region: Region;
  /** The smallest box around it. */
  readonly bounds: Box;
  /** The share of each cell of a grid over a box that lies inside, [rows · columns]. */
  shares(box: Box, rows: number, columns: number): Float32Array;
  /** 1 for each pixel of a picture of this size whose centre lies inside, else 0. */
  pixels(rows: number, columns: number): Uint8Array;
}

/** Share of the picture below which a region is taken for a mistake. */
const smallestRegion = 1e-5;

function demandArea(share: number): void {
  if (share >= smallestRegion) return;
  throw new UsageError(
    `roi: expected a region of at least ${100 * smallestRegion} % of the picture, got ${share === 0 ? 'an empty one' : `${(100 * share).toPrecision(2)} %`}`,
  );
}

/** @throws UsageError for a region that is empty or whose sides cross */
export function openRegion(region: Region): OpenRegion {
  switch (region.kind) {
    case 'polygon': {
      const { points } = region;
      checkPolygon(points);
      demandArea(Math.abs(signedArea(points)));
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
      return {
        region,
        bounds: {
          top: Math.min(...ys),
          left: Math.min(...xs),
          bottom: Math.max(...ys),
          right: Math.max(...xs),
        },
        shares: (box, rows, columns) => polygonShares(points, box, rows, columns),
        pixels: (rows, columns) => polygonPixels(points, rows, columns),
      };
    }
    case 'mask': {
      const { height, width, runs } = region;
      const pixels = pixelsOf(runs, height * width);
      demandArea(pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length);
      return {
        region,
        bounds: boundsOf(pixels, height, width),
        shares: (box, rows, columns) => maskShares(pixels, [height, width], box, rows, columns),
        pixels: (rows, columns) => maskPixels(pixels, [height, width], rows, columns),
      };
    }
  }
}

function boundsOf(pixels: Uint8Array, height: number, width: number): Box {
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width, (y + 1) * width);
    const first = row.indexOf(1);
    if (first < 0) continue;
    top = Math.min(top, y);
    bottom = y + 1;
    left = Math.min(left, first);
    right = Math.max(right, row.lastIndexOf(1) + 1);
  }
  return { top: top / height, left: left / width, bottom: bottom / height, right: right / width };
}

/** Shares at half the resolution: what lies inside of a cell is the mean over its four quarters. */
export function coarserShares(shares: Float32Array, rows: number, columns: number): Float32Array {
  const coarse = new Float32Array((rows / 2) * (columns / 2));
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      coarse[(y >> 1) * (columns / 2) + (x >> 1)] += shares[y * columns + x] / 4;
    }
  }
  return coarse;
}
