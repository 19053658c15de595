/** The 8-connected regions of a mask. */
export interface ConnectedRegions {
  /** Row by row: 0 outside, else the region's number, counted from 1 in reading order. */
  readonly labels: Int32Array;
  /** Pixels of region i + 1. */
  readonly areas: readonly number[];
}

/**
 * Finds the regions of non-zero pixels that touch by a side or a corner.
 * @param mask `height · width` values, row by row
 * @throws RangeError for a mask of another length
 */
export function connectedRegions(mask: Uint8Array, height: number, width: number): ConnectedRegions {
  if (mask.length !== height * width) {
    throw new RangeError(
      `mask: expected ${height} × ${width} = ${height * width} pixels, got ${mask.length}`,
    );
  }
  const labels = new Int32Array(mask.length);
  const areas: number[] = [];
  const stack: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || labels[start] !== 0) continue;
    const label = areas.length + 1;
    let area = 0;
    labels[start] = label;
    stack.push(start);
    while (stack.length > 0) {
      const pixel = stack.pop()!;
      area++;
      const y = Math.floor(pixel / width);
      const x = pixel - y * width;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const neighbour = ny * width + nx;
          if (mask[neighbour] === 0 || labels[neighbour] !== 0) continue;
          labels[neighbour] = label;
          stack.push(neighbour);
        }
      }
    }
    areas.push(area);
  }
  return { labels, areas };
}
