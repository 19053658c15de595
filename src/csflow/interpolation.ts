import type { Matrix } from '../graph/index.js';

/** Nearest-neighbour enlargement of one axis: row i reads floor(i · from / to). */
export function nearestInterpolation(from: number, to: number): Matrix {
  const values = new Float64Array(to * from);
  for (let row = 0; row < to; row++) values[row * from + Math.floor((row * from) / to)] = 1;
  return { rows: to, columns: from, values };
}

/**
 * Bilinear interpolation of one axis as a matrix [to, from], with align_corners = false (half-pixel centres,
 * borders repeated).
 */
export function linearInterpolation(from: number, to: number): Matrix {
  const values = new Float64Array(to * from);
  for (let row = 0; row < to; row++) {
    const position = Math.max(0, ((row + 0.5) * from) / to - 0.5);
    const below = Math.min(Math.floor(position), from - 1);
    const above = Math.min(below + 1, from - 1);
    const weight = position - below;
    values[row * from + below] += 1 - weight;
    values[row * from + above] += weight;
  }
  return { rows: to, columns: from, values };
}
