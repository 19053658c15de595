/** One channel of values, row by row. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/**
 * A plane stretched to another size: bilinear between pixel centres, edges repeated (PyTorch's
 * `align_corners = false`), as the model itself enlarges its maps.
 */
export function resizeBilinear(plane: Plane, height: number, width: number): Plane {
  const rows = samplePositions(plane.height, height);
  const columns = samplePositions(plane.width, width);
  const data = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const above = rows.lower[y] * plane.width;
    const below = rows.upper[y] * plane.width;
    const down = rows.share[y];
    for (let x = 0; x < width; x++) {
      const left = columns.lower[x];
      const right = columns.upper[x];
      const across = columns.share[x];
      const top = plane.data[above + left] * (1 - across) + plane.data[above + right] * across;
      const bottom = plane.data[below + left] * (1 - across) + plane.data[below + right] * across;
      data[y * width + x] = top * (1 - down) + bottom * down;
    }
  }
  return { height, width, data };
}

/** Between which two samples of `from` each of `to` lies, and how far from the lower to the upper one. */
function samplePositions(from: number, to: number) {
  const lower = new Int32Array(to);
  const upper = new Int32Array(to);
  const share = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    lower[i] = Math.floor(position);
    upper[i] = Math.min(from - 1, lower[i] + 1);
    share[i] = position - lower[i];
  }
  return { lower, upper, share };
}
