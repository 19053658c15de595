import { UserError } from '../errors.js';

/** How one colour of a 16- or 32-bit pixel is cut out of it. */
export interface ChannelMask {
  readonly shift: number;
  readonly max: number;
}

type PixelStorage =
  | { readonly kind: 'indexed'; readonly bits: 1 | 2 | 4 | 8; readonly palette: Uint8Array }
  | { readonly kind: 'run-length'; readonly bits: 4 | 8; readonly palette: Uint8Array }
  | { readonly kind: 'bytes' }
  | {
      readonly kind: 'masked';
      readonly bits: 16 | 32;
      readonly channels: readonly [ChannelMask, ChannelMask, ChannelMask];
    };

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  /** Where the pixels start in the file. */
  readonly pixelOffset: number;
  readonly storage: PixelStorage;
}

const FILE_HEADER = 14;
const OS2_HEADER = 12;
const COMPRESSION = { none: 0, rle8: 1, rle4: 2, bitFields: 3, alphaBitFields: 6 } as const;

/** Bytes that hold every field {@link readBmpSize} looks at. */
export const BMP_SIZE_BYTES = 26;

/** Whether a file begins as a BMP does. */
export function isBmp(content: Uint8Array): boolean {
  return content[0] === 0x42 && content[1] === 0x4d;
}

/** Width and height from the header alone. */
export function readBmpSize(
  content: Buffer,
  name: string,
): { width: number; height: number; topDown: boolean } {
  if (content.length < BMP_SIZE_BYTES) throw damaged(name, 'the header is cut short');
  const headerSize = content.readUInt32LE(14);
  if (headerSize !== OS2_HEADER && (headerSize < 40 || headerSize > 1024)) {
    throw damaged(name, `a header of ${headerSize} bytes is not known`);
  }
  const os2 = headerSize === OS2_HEADER;
  const width = os2 ? content.readUInt16LE(18) : content.readInt32LE(18);
  const signedHeight = os2 ? content.readUInt16LE(20) : content.readInt32LE(22);
  if (width <= 0 || signedHeight === 0) throw damaged(name, `a size of ${width} × ${signedHeight} pixels`);
  return { width, height: Math.abs(signedHeight), topDown: signedHeight < 0 };
}

/** @throws UserError where the header is damaged or the kind of BMP is not supported */
export function readBmpHeader(content: Buffer, name: string): BmpHeader {
  const size = readBmpSize(content, name);
  const headerSize = content.readUInt32LE(14);
  const os2 = headerSize === OS2_HEADER;
  if (content.length < FILE_HEADER + headerSize) throw damaged(name, 'the header is cut short');

  const bits = content.readUInt16LE(os2 ? 24 : 28);
  const compression = os2 ? COMPRESSION.none : content.readUInt32LE(30);
  const colours = os2 ? 0 : content.readUInt32LE(46);
  const pixelOffset = content.readUInt32LE(10);
  if (pixelOffset < FILE_HEADER + headerSize || pixelOffset >= content.length) {
    throw damaged(name, `its pixels would start at byte ${pixelOffset} of ${content.length}`);
  }
  const header = { ...size, pixelOffset };
  const palette = () =>
    readPalette(content, FILE_HEADER + headerSize, os2 ? 3 : 4, colours, bits, pixelOffset);

  if (compression === COMPRESSION.none) {
    if (bits === 1 || bits === 2 || bits === 4 || bits === 8) {
      return { ...header, storage: { kind: 'indexed', bits, palette: palette() } };
    }
    if (bits === 24) return { ...header, storage: { kind: 'bytes' } };
    if (bits === 16) {
      return {
        ...header,
        storage: { kind: 'masked', bits, channels: channelsOf([0x7c00, 0x3e0, 0x1f], name) },
      };
    }
    if (bits === 32) {
      return {
        ...header,
        storage: { kind: 'masked', bits, channels: channelsOf([0xff0000, 0xff00, 0xff], name) },
      };
    }
  }
  if ((compression === COMPRESSION.rle8 && bits === 8) || (compression === COMPRESSION.rle4 && bits === 4)) {
    return { ...header, storage: { kind: 'run-length', bits, palette: palette() } };
  }
  const hasFields = compression === COMPRESSION.bitFields || compression === COMPRESSION.alphaBitFields;
  if (hasFields && (bits === 16 || bits === 32)) {
    // The masks stand at byte 54 in every version: behind a header of 40 bytes, inside a longer one.
    if (content.length < 66) throw damaged(name, 'the colour masks are cut short');
    const masks = [content.readUInt32LE(54), content.readUInt32LE(58), content.readUInt32LE(62)] as const;
    return { ...header, storage: { kind: 'masked', bits, channels: channelsOf(masks, name) } };
  }
  throw new UserError(
    `${name}: this kind of BMP (${bits} bits a pixel, compression ${compression}) is not supported; save it as PNG`,
  );
}

/** 256 entries of red, green, blue; entries the file does not have stay black. */
function readPalette(
  content: Buffer,
  start: number,
  entrySize: 3 | 4,
  colours: number,
  bits: number,
  end: number,
): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  const possible = Math.floor((end - start) / entrySize);
  const count = Math.min(colours === 0 ? 1 << bits : colours, possible, 1 << bits);
  for (let i = 0; i < count; i++) {
    const at = start + i * entrySize;
    palette[3 * i] = content[at + 2]!;
    palette[3 * i + 1] = content[at + 1]!;
    palette[3 * i + 2] = content[at]!;
  }
  return palette;
}

function channelsOf(
  masks: readonly [number, number, number],
  name: string,
): readonly [ChannelMask, ChannelMask, ChannelMask] {
  const channel = (mask: number): ChannelMask => {
    if (mask === 0) throw damaged(name, 'a colour mask is empty');
    const shift = 31 - Math.clz32(mask & -mask);
    const max = mask >>> shift;
    if ((max & (max + 1)) !== 0) throw damaged(name, 'a colour mask has gaps');
    return { shift, max };
  };
  return [channel(masks[0]), channel(masks[1]), channel(masks[2])];
}

function damaged(name: string, what: string): UserError {
  return new UserError(`${name}: the BMP is damaged: ${what}; save or copy the file again`);
}
