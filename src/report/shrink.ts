import sharp from 'sharp';
import type { RgbImage } from '../data/types.js';

/** The picture with its longer side at most so many pixels, its aspect kept. */
export async function shrunk(image: RgbImage, longest: number): Promise<RgbImage> {
  const { width, height, data } = image;
  if (Math.max(width, height) <= longest) return image;
  const resized = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(longest, longest, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: resized.info.width, height: resized.info.height, data: new Uint8Array(resized.data) };
}
