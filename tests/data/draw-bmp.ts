export interface BmpDrawing {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly pixels: readonly number[];
  readonly compression?: number;
  /** Red, green, blue of each entry. */
  readonly palette?: readonly (readonly [number, number, number])[];
  readonly masks?: readonly number[];
  readonly topDown?: boolean;
  /** Bytes between the palette and the pixels. */
  readonly gap?: number;
}

/** A BMP with a header of 40 bytes around stored bytes, rows and padding as given. */
export function drawBmp(drawing: BmpDrawing): Buffer {
  const {
    width,
    height,
    bits,
    pixels,
    compression = 0,
    palette = [],
    masks = [],
    topDown,
    gap = 0,
  } = drawing;
  const offset = 54 + 4 * masks.length + 4 * palette.length + gap;
  const file = Buffer.alloc(offset + pixels.length);
  file.write('BM', 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(offset, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(topDown ? -height : height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(bits, 28);
  file.writeUInt32LE(compression, 30);
  file.writeUInt32LE(palette.length, 46);
  masks.forEach((mask, i) => file.writeUInt32LE(mask, 54 + 4 * i));
  palette.forEach(([red, green, blue], i) => file.set([blue, green, red, 0], 54 + 4 * masks.length + 4 * i));
  file.set(pixels, offset);
  return file;
}
