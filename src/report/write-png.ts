import sharp from 'sharp';
import type { RgbImage } from '../data/types.js';
import { writeWhole } from '../write-file.node.js';

/**
 * Writes a picture as PNG: beside its place first, then renamed. Missing folders are made; a file of that name
 * is replaced.
 * @throws UserError naming the path where it cannot be written; RangeError for pixels that do not fit the size
 */
export async function writePng(path: string, image: RgbImage): Promise<void> {
  const { width, height, data } = image;
  if (data.length === 0 || data.length !== width * height * 3) {
    throw new RangeError(`image: expected ${height} × ${width} × 3 values, got ${data.length} in all`);
  }
  const pixels = sharp(data, { raw: { width, height, channels: 3 } });
  await writeWhole(path, await pixels.png().toBuffer());
}
