import { UserError } from '../errors.js';
import { readBmpHeader, type BmpHeader, type ChannelMask } from './bmp-header.js';
import { readRunLengthIndices } from './bmp-run-length.js';
import { checkPixelCount } from './image-content.js';
import type { RgbImage } from './types.js';

/**
 * A Windows or OS/2 bitmap: 1, 2, 4 and 8 bits with a palette (run-length coded too), 16, 24 and 32 bits; alpha
 * is dropped. Palette indices without an entry are black, as other readers have it.
 * @param content the whole file, which starts with "BM"
 * @param name what errors call the file
 * @throws UserError: damaged, cut short, more than 400 megapixels, a kind that is not supported
 */
export function decodeBmp(content: Buffer, name: string): RgbImage {
  const header = readBmpHeader(content, name);
  const { width, height, storage } = header;
  checkPixelCount(name, width, height);
  switch (storage.kind) {
    case 'indexed':
      return { width, height, data: readIndexed(content, name, header, storage.bits, storage.palette) };
    case 'run-length': {
      const indices = readRunLengthIndices(content.subarray(header.pixelOffset), header, storage.bits);
      if (indices === undefined) throw cutShort(name);
      const data = new Uint8Array(width * height * 3);
      for (let i = 0; i < indices.length; i++) setFromPalette(data, 3 * i, storage.palette, indices[i]);
      return { width, height, data };
    }
    case 'bytes':
      return { width, height, data: readBytes(content, name, header) };
    case 'masked':
      return { width, height, data: readMasked(content, name, header, storage.bits, storage.channels) };
  }
}

function readIndexed(
  content: Buffer,
  name: string,
  header: BmpHeader,
  bits: number,
  palette: Uint8Array,
): Uint8Array {
  const { width } = header;
  const data = new Uint8Array(width * header.height * 3);
  const perByte = 8 / bits;
  const indexMask = (1 << bits) - 1;
  forEachRow(content, name, header, bits, (row, out) => {
    for (let x = 0; x < width; x++) {
      const byte = content[row + Math.floor(x / perByte)];
      const index = (byte >> (8 - bits * ((x % perByte) + 1))) & indexMask;
      setFromPalette(data, out + 3 * x, palette, index);
    }
  });
  return data;
}

function readBytes(content: Buffer, name: string, header: BmpHeader): Uint8Array {
  const data = new Uint8Array(header.width * header.height * 3);
  forEachRow(content, name, header, 24, (row, out) => {
    for (let i = 0; i < 3 * header.width; i += 3) {
      data[out + i] = content[row + i + 2]!;
      data[out + i + 1] = content[row + i + 1]!;
      data[out + i + 2] = content[row + i]!;
    }
  });
  return data;
}

function readMasked(
  content: Buffer,
  name: string,
  header: BmpHeader,
  bits: 16 | 32,
  channels: readonly [ChannelMask, ChannelMask, ChannelMask],
): Uint8Array {
  const data = new Uint8Array(header.width * header.height * 3);
  forEachRow(content, name, header, bits, (row, out) => {
    for (let x = 0; x < header.width; x++) {
      const pixel = bits === 16 ? content.readUInt16LE(row + 2 * x) : content.readUInt32LE(row + 4 * x);
      for (let c = 0; c < 3; c++) {
        const { shift, max } = channels[c];
        data[out + 3 * x + c] = Math.floor(((((pixel >>> shift) & max) >>> 0) * 255) / max);
      }
    }
  });
  return data;
}

/** Calls `read` with the offset of each stored row and the place of its pixels in the RGB data. */
function forEachRow(
  content: Buffer,
  name: string,
  { width, height, topDown, pixelOffset }: BmpHeader,
  bits: number,
  read: (row: number, out: number) => void,
): void {
  const used = Math.ceil((width * bits) / 8);
  const stride = Math.ceil(used / 4) * 4;
  if (pixelOffset + stride * (height - 1) + used > content.length) throw cutShort(name);
  for (let i = 0; i < height; i++) {
    const y = topDown ? i : height - 1 - i;
    read(pixelOffset + i * stride, y * width * 3);
  }
}

function setFromPalette(data: Uint8Array, at: number, palette: Uint8Array, index: number): void {
  data[at] = palette[3 * index]!;
  data[at + 1] = palette[3 * index + 1]!;
  data[at + 2] = palette[3 * index + 2]!;
}

function cutShort(name: string): UserError {
  return new UserError(`${name}: the image is cut short: pixels are missing at its end; copy the file again`);
}
