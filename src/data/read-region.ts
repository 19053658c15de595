import { UsageError, UserError } from '../errors.js';
import {
  looksLikePolygon,
  openRegion,
  parsePolygon,
  runsOf,
  sharesOfPixels,
  type OpenRegion,
  type Size,
} from '../view/index.js';
import { decodeMask } from './decode.js';
import { imageSizes } from './image-sizes.js';
import type { DatasetImage } from './types.js';

/** A mask that is stretched by more than this against a picture belongs to another. */
const mostStretched = 1.02;

/**
 * A region of interest as a user gives it: corners `x,y x,y …` in shares of the sides or in pixels, or the path of a
 * mask picture (inside where it is white, grey value above 127).
 * @param pictures those it is meant for; corners in pixels need all of one size, a mask one of their shape
 * @throws UsageError for a region that is empty, outside the pictures or crosses itself, and for pixels where sizes
 * differ; UserError for a mask that cannot be read or has another shape
 */
export async function readRegion(text: string, pictures: readonly DatasetImage[]): Promise<OpenRegion> {
  if (text.trim() === '') throw new UsageError('roi: expected corners or a mask picture, got nothing');
  if (looksLikePolygon(text)) {
    const { points, unit } = parsePolygon(text);
    const shares = unit === 'shares' ? points : sharesOfPixels(points, await onlySize(pictures));
    return openRegion({ kind: 'polygon', points: shares });
  }
  const mask = await decodeMask(text).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `roi: expected corners such as "0.1,0.1 0.9,0.1 0.9,0.8" or a mask picture; ${error.message}`,
    );
  });
  const { height, width, data } = mask;
  for (const [h, w] of await sizesOf(pictures)) {
    const stretch = (w * height) / (h * width);
    if (Math.max(stretch, 1 / stretch) <= mostStretched) continue;
    throw new UserError(
      `${text}: expected a mask of the pictures' shape, got ${width} × ${height} for a picture of ${w} × ${h} ` +
        '(width × height); draw it over one of the pictures',
    );
  }
  return openRegion({ kind: 'mask', height, width, runs: runsOf(data) });
}

async function onlySize(pictures: readonly DatasetImage[]): Promise<Size> {
  const sizes = await sizesOf(pictures);
  if (sizes.length === 1) return sizes[0];
  const shown = sizes.slice(0, 3).map(([height, width]) => `${width} × ${height}`);
  throw new UsageError(
    `roi: expected pictures of one size for corners in pixels, got ${sizes.length} sizes (${shown.join(', ')}…); ` +
      'give the corners as shares of the sides, from 0 to 1',
  );
}

/** The different sizes among those pictures that can be read. */
async function sizesOf(pictures: readonly DatasetImage[]): Promise<readonly Size[]> {
  const found = new Map<string, Size>();
  for (const size of await imageSizes(pictures)) {
    if (size !== undefined) found.set(`${size.height}x${size.width}`, [size.height, size.width]);
  }
  return [...found.values()];
}
