import sharp, { type Sharp } from 'sharp';
import { decodeBmp } from '../bmp.js';
import { isBmp } from '../bmp-header.js';
import { checkedMetadata, damagedImage } from '../decode.js';

/** What a file says of its picture. */
export interface PictureFacts {
  readonly width: number;
  readonly height: number;
  /** `jpeg`, `png`, `bmp`, … */
  readonly format: string;
  readonly bits: 8 | 16;
  readonly colour: boolean;
}

export interface PictureLook {
  readonly facts: PictureFacts;
  /** Grey values from 0 to 255 of the picture stretched to {@link thumbnailSide} × {@link thumbnailSide}. */
  readonly thumbnail: Uint8Array;
}

export const thumbnailSide = 32;

/**
 * Facts and thumbnail of an image; a JPEG is shrunk while it is decoded.
 * @throws UserError as `decodeImageContent`
 */
export async function lookAtPicture(content: Buffer, name: string): Promise<PictureLook> {
  if (isBmp(content)) {
    const { width, height, data } = decodeBmp(content, name);
    const thumbnail = await shrink(sharp(data, { raw: { width, height, channels: 3 } }));
    return { facts: { width, height, format: 'bmp', bits: 8, colour: hasColour(data) }, thumbnail };
  }
  const metadata = await checkedMetadata(content, name);
  const { autoOrient, format, depth, space } = metadata;
  try {
    const image = sharp(content, { failOn: 'error', limitInputPixels: false, ignoreIcc: true });
    return {
      facts: {
        width: autoOrient.width,
        height: autoOrient.height,
        format,
        bits: depth === 'ushort' ? 16 : 8,
        colour: space !== 'b-w' && space !== 'grey16',
      },
      thumbnail: await shrink(image.autoOrient().removeAlpha()),
    };
  } catch (error) {
    throw damagedImage(name, metadata, error);
  }
}

async function shrink(image: Sharp): Promise<Uint8Array> {
  const data = await image
    .greyscale()
    .resize(thumbnailSide, thumbnailSide, { fit: 'fill' })
    .raw({ depth: 'uchar' })
    .toBuffer();
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

function hasColour(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) {
    if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return true;
  }
  return false;
}
