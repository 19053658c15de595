import type { RgbImage } from '../data/types.js';

const margin = 8;
const background = 255;

/**
 * Pictures in rows and columns on white, each as it is; those of one row share their height with the tallest,
 * those of a column their width with the widest.
 */
export function contactSheet(rows: readonly (readonly RgbImage[])[]): RgbImage {
  const rowHeights = rows.map((row) => Math.max(0, ...row.map(({ height }) => height)));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const columnWidths = Array.from({ length: columns }, (_, c) =>
    Math.max(0, ...rows.map((row) => row[c]?.width ?? 0)),
  );
  const extent = (sides: readonly number[]): number =>
    sides.reduce((sum, side) => sum + side + margin, margin);
  const [width, height] = [extent(columnWidths), extent(rowHeights)];
  const data = new Uint8Array(width * height * 3).fill(background);
  let top = margin;
  rows.forEach((row, r) => {
    let left = margin;
    row.forEach((picture, c) => {
      for (let y = 0; y < picture.height; y++) {
        const line = picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
        data.set(line, ((top + y) * width + left) * 3);
      }
      left += columnWidths[c] + margin;
    });
    top += rowHeights[r] + margin;
  });
  return { width, height, data };
}
