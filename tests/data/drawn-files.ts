import { extname } from 'node:path';
import sharp from 'sharp';
import { drawBmp } from './draw-bmp.js';
import { drawPart } from './draw-part.js';

/** Of every picture and mask drawn here. */
export const drawnSize = { width: 96, height: 80 } as const;

/** What is in a mask: nothing, 255 where defective, or small numbers of classes of defects. */
export type MaskContent = 'empty' | 'bright' | 'classes';

/** A part as an image file of the kind that the name says. */
export async function pictureFile(name: string, seed: number): Promise<Buffer> {
  return encoded(name, await drawPart(seed, drawnSize.width, drawnSize.height).raw().toBuffer());
}

/** A mask as an image file of the kind that the name says: a rectangle of 12 × 8 pixels. */
export async function maskFile(name: string, content: MaskContent): Promise<Buffer> {
  const { width, height } = drawnSize;
  const values = new Uint8Array(width * height);
  for (let y = 30; content !== 'empty' && y < 38; y++) {
    for (let x = 40; x < 52; x++) values[y * width + x] = content === 'bright' ? 255 : 1 + (x % 3);
  }
  return encoded(name, values);
}

async function encoded(name: string, grey: Uint8Array): Promise<Buffer> {
  const { width, height } = drawnSize;
  const kind = extname(name).toLowerCase();
  if (kind === '.bmp') return greyBmp(grey);
  const image = sharp(grey, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
  switch (kind) {
    case '.png':
      return image.png().toBuffer();
    case '.jpg':
      return image.jpeg().toBuffer();
    case '.tif':
      return image.tiff().toBuffer();
    case '.webp':
      return image.webp({ quality: 90 }).toBuffer();
    default:
      throw new Error(`${name}: expected .png, .jpg, .bmp, .tif or .webp`);
  }
}

function greyBmp(grey: Uint8Array): Buffer {
  const { width, height } = drawnSize;
  const palette = Array.from({ length: 256 }, (_, value) => [value, value, value] as const);
  return drawBmp({ width, height, bits: 8, pixels: [...grey], palette, topDown: true });
}
