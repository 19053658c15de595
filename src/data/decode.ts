import { open } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import { messageOf, UserError } from '../errors.js';
import { decodeBmp } from './bmp.js';
import { BMP_SIZE_BYTES, isBmp, readBmpSize } from './bmp-header.js';
import { checkPixelCount, readImageContent } from './image-content.js';
import type { Mask, MaskValues, RgbImage } from './types.js';

sharp.cache(false);

const EXPECTED = 'expected a JPEG, PNG, BMP, TIFF, WebP, GIF or AVIF image';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The image in a file as 8-bit RGB, told by its content and not by its name. EXIF orientation is applied; alpha
 * is dropped, not blended; grey becomes RGB; of 16 bits the high eight stay (value >> 8); colour profiles are
 * not applied; of an animation the first frame is read.
 * @throws UserError naming the file: missing, a folder, empty, no image, damaged or cut short, samples that are
 * no 8- or 16-bit integers, more than 400 megapixels
 */
export async function decodeImage(path: string): Promise<RgbImage> {
  return decodeImageContent(await readImageContent(path), path);
}

/** As {@link decodeImage}, from bytes at hand; `name` is what errors call them. */
export async function decodeImageContent(content: Buffer, name: string): Promise<RgbImage> {
  if (isBmp(content)) return decodeBmp(content, name);
  const metadata = await checkedMetadata(content, name);
  try {
    // 'error' takes in 'truncated': a TIFF cut short is only noticed there.
    const { data, info } = await sharp(content, { failOn: 'error', limitInputPixels: false, ignoreIcc: true })
      .autoOrient()
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if ((info.channels as number) !== 3) throw new Error(`${info.channels} channels where 3 were expected`);
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  } catch (error) {
    throw damagedImage(name, metadata, error);
  }
}

/** The metadata of an image that is no BMP, once it is known to be of a kind that can be decoded. */
export async function checkedMetadata(content: Buffer, name: string): Promise<Metadata> {
  const metadata = await readMetadata(content, name);
  checkPixelCount(name, metadata.width, metadata.height);
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') {
    throw new UserError(
      `${name}: samples of type ${metadata.depth}; expected 8- or 16-bit integers, save the image as an 8- or 16-bit PNG`,
    );
  }
  return metadata;
}

export function damagedImage(name: string, { format }: Metadata, error: unknown): UserError {
  return new UserError(
    `${name}: the ${format} image is damaged or cut short (${firstLine(error)}); save or copy the file again`,
  );
}

/**
 * A mask of defects: 1 where the grey value is over 127 (colours: ITU-R 601 luma, palettes resolved first), or
 * with `nonzero` where any channel is not 0.
 * @param expected the size of the picture the mask belongs to; another size is refused
 * @throws UserError as {@link decodeImage}, and for a mask of another size
 */
export async function decodeMask(
  path: string,
  expected?: ImageSize,
  values: MaskValues = 'bright',
): Promise<Mask> {
  const { width, height, data: rgb } = await decodeImage(path);
  if (expected !== undefined && (width !== expected.width || height !== expected.height)) {
    throw new UserError(
      `${path}: the mask has ${width} × ${height} pixels, its picture ${expected.width} × ${expected.height}; expected the same size`,
    );
  }
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const [red, green, blue] = [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]];
    const luma = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    const defective = values === 'bright' ? luma > 127 : (red | green | blue) !== 0;
    data[i] = defective ? 1 : 0;
  }
  return { width, height, data };
}

/**
 * Width and height as {@link decodeImage} would give them, from the header of the file.
 * @throws UserError naming the file: missing, a folder, empty, no image
 */
export async function imageSize(path: string): Promise<ImageSize> {
  const start = await readStart(path);
  if (start !== undefined && isBmp(start)) {
    const { width, height } = readBmpSize(start, path);
    return { width, height };
  }
  const { autoOrient } = await readMetadata(start === undefined ? await readImageContent(path) : path, path);
  return { width: autoOrient.width, height: autoOrient.height };
}

/** The first bytes of a file; undefined where it cannot be opened, is no file or is empty. */
async function readStart(path: string): Promise<Buffer | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(BMP_SIZE_BYTES), 0, BMP_SIZE_BYTES, 0);
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

async function readMetadata(input: Buffer | string, name: string): Promise<Metadata> {
  let metadata: Metadata;
  try {
    metadata = await sharp(input, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw new UserError(
      `${name}: this is no image, or it is damaged or cut short (${firstLine(error)}); ${EXPECTED}`,
    );
  }
  if (metadata.format === 'svg') throw new UserError(`${name}: this is an SVG drawing; ${EXPECTED}`);
  return metadata;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0].trim();
}
