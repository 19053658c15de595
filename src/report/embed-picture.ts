import sharp from 'sharp';
import type { Mask, RgbImage } from '../data/types.js';

/** Longest side in pixels: sharp on a printed page, small in a file. */
const longestSide = 512;
/** Bytes before they are written as base64. */
const mostBytes = 150_000;
const qualities = [82, 65, 45, 25, 10] as const;

/**
 * A picture made small enough to stand in a page: a `data:` URI of a WebP.
 * @param mask of the picture's size; around what is defective in it a white line with a black edge is drawn
 */
export async function embedPicture(
  { width, height, data }: RgbImage,
  mask?: Mask,
): Promise<{ readonly uri: string; readonly width: number; readonly height: number }> {
  const shrunk = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const size = { width: shrunk.info.width, height: shrunk.info.height };
  const pixels = new Uint8Array(shrunk.data.buffer, shrunk.data.byteOffset, shrunk.data.length);
  if (mask !== undefined) drawOutline(pixels, shrinkMask(mask, size.width, size.height));
  for (const quality of qualities) {
    const file = await sharp(pixels, { raw: { ...size, channels: 3 } })
      .webp({ quality })
      .toBuffer();
    if (file.length <= mostBytes || quality === qualities.at(-1)) {
      return { uri: `data:image/webp;base64,${file.toString('base64')}`, ...size };
    }
  }
  throw new RangeError('qualities: expected at least one');
}

/** A mask made smaller without losing any of it: a pixel is defective where any below it is. */
function shrinkMask({ width, height, data }: Mask, toWidth: number, toHeight: number): Mask {
  const shrunk = new Uint8Array(toWidth * toHeight);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * toHeight) / height) * toWidth;
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] !== 0) shrunk[row + Math.floor((x * toWidth) / width)] = 1;
    }
  }
  return { width: toWidth, height: toHeight, data: shrunk };
}

/** The line lies outside of the defect, so as not to hide it: white inside, black outside. */
function drawOutline(pixels: Uint8Array, { width, height, data }: Mask): void {
  const white = Math.max(1, Math.round(Math.max(width, height) / 256));
  const reach = 2 * white;
  const distance = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0 || !atEdge(data, width, height, x, y)) continue;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
          const away = Math.round(Math.hypot(u - x, v - y));
          distance[v * width + u] = Math.min(distance[v * width + u], away);
        }
      }
    }
  }
  for (let i = 0; i < distance.length; i++) {
    if (data[i] !== 0 || distance[i] > reach) continue;
    pixels.fill(distance[i] <= white ? 255 : 0, 3 * i, 3 * i + 3);
  }
}

function atEdge(data: Uint8Array, width: number, height: number, x: number, y: number): boolean {
  const isGood = (u: number, v: number): boolean =>
    u >= 0 && u < width && v >= 0 && v < height && data[v * width + u] === 0;
  return isGood(x - 1, y) || isGood(x + 1, y) || isGood(x, y - 1) || isGood(x, y + 1);
}
