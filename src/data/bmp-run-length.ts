interface Extent {
  readonly width: number;
  readonly height: number;
}

/**
 * The palette indices of a run-length coded bitmap (RLE8, RLE4), the first row on top; pixels that are jumped
 * over keep index 0. A run that goes past its row is cut there.
 * @returns undefined where the data ends before the picture does
 */
export function readRunLengthIndices(
  data: Uint8Array,
  { width, height }: Extent,
  bits: 4 | 8,
): Uint8Array | undefined {
  const indices = new Uint8Array(width * height);
  let x = 0;
  let row = 0; // counted from the bottom, as stored
  const put = (index: number) => {
    if (x < width) indices[(height - 1 - row) * width + x] = index;
    x++;
  };
  const indexIn = (byte: number, i: number) => (bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);

  let at = 0;
  while (row < height) {
    if (at + 2 > data.length) {
      const complete = row === height - 1 && x >= width;
      return complete ? indices : undefined;
    }
    const count = data[at++];
    const value = data[at++];
    if (count > 0) {
      for (let i = 0; i < count; i++) put(indexIn(value, i));
    } else if (value === 0) {
      x = 0;
      row++;
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      if (at + 2 > data.length) return undefined;
      x += data[at++];
      row += data[at++];
    } else {
      const bytes = Math.ceil((value * bits) / 8);
      if (at + bytes > data.length) return undefined;
      for (let i = 0; i < value; i++) put(indexIn(data[at + Math.floor((i * bits) / 8)], i));
      at += bytes + (bytes % 2);
    }
  }
  return indices;
}
