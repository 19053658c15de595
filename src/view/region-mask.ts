import { UsageError } from '../errors.js';
import type { Box } from './box.js';

/** More runs than this are no drawn region but noise, such as a photo taken for a mask. */
const mostRuns = 200_000;

/**
 * A mask as the lengths of its runs, row by row, of pixels outside and inside by turns; the first run is outside.
 * @throws UsageError for noise
 */
export function runsOf(pixels: Uint8Array): readonly number[] {
  const runs: number[] = [];
  let value = 0;
  let start = 0;
  for (let i = 0; i <= pixels.length; i++) {
    if (i < pixels.length && Number(pixels[i] !== 0) === value) continue;
    runs.push(i - start);
    start = i;
    value = 1 - value;
  }
  if (runs.length > mostRuns) {
    throw new UsageError(
      `roi: expected a mask of plain white areas on black, got one of ${runs.length} runs of pixels; is it a photo?`,
    );
  }
  return runs;
}

/** The pixels of a mask, 1 inside, else 0. */
export function pixelsOf(runs: readonly number[], length: number): Uint8Array {
  const pixels = new Uint8Array(length);
  let start = 0;
  runs.forEach((run, i) => {
    if (i % 2 === 1) pixels.fill(1, start, start + run);
    start += run;
  });
  return pixels;
}

/** Which samples of an axis of `side` a cell covers, from `start` to `end` in shares, and how much of each. */
function covered(start: number, end: number, side: number): { first: number; parts: readonly number[] } {
  const [from, to] = [start * side, end * side];
  const first = Math.min(side - 1, Math.max(0, Math.floor(from + 1e-9)));
  const last = Math.min(side - 1, Math.max(first, Math.ceil(to - 1e-9) - 1));
  const parts = Array.from({ length: last - first + 1 }, (_, i) =>
    Math.max(0, Math.min(to, first + i + 1) - Math.max(from, first + i)),
  );
  const total = parts.reduce((sum, part) => sum + part, 0);
  return {
    first,
    parts: total === 0 ? parts.map(() => 1 / parts.length) : parts.map((part) => part / total),
  };
}

/** The share of each cell of a grid over a box that lies on the mask's inside. */
export function maskShares(
  pixels: Uint8Array,
  [height, width]: readonly [number, number],
  { top, left, bottom, right }: Box,
  rows: number,
  columns: number,
): Float32Array {
  const shares = new Float32Array(rows * columns);
  const cells = (from: number, to: number, count: number, side: number) =>
    Array.from({ length: count }, (_, i) =>
      covered(from + ((to - from) * i) / count, from + ((to - from) * (i + 1)) / count, side),
    );
  const across = cells(left, right, columns, width);
  cells(top, bottom, rows, height).forEach((down, y) => {
    across.forEach(({ first, parts }, x) => {
      let share = 0;
      down.parts.forEach((part, i) => {
        const row = (down.first + i) * width + first;
        let inside = 0;
        for (let j = 0; j < parts.length; j++) if (pixels[row + j] !== 0) inside += parts[j];
        share += part * inside;
      });
      shares[y * columns + x] = share < 1e-9 ? 0 : Math.min(1, share);
    });
  });
  return shares;
}

/** The mask at another size, nearest neighbour. */
export function maskPixels(
  pixels: Uint8Array,
  [height, width]: readonly [number, number],
  rows: number,
  columns: number,
): Uint8Array {
  const resized = new Uint8Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const row = Math.floor(((y + 0.5) * height) / rows) * width;
    for (let x = 0; x < columns; x++) {
      resized[y * columns + x] = pixels[row + Math.floor(((x + 0.5) * width) / columns)];
    }
  }
  return resized;
}
