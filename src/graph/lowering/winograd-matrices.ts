import { at, inverse, matrix, transposed } from '../matrix.js';
import type { Matrix } from '../ops.js';

/**
 * The matrices of Winograd's minimal filtering F(m, k) by Cook and Toom's construction (Lavin & Gray, 2016, §3):
 * y = output · ((kernel · g) ∘ (input · d)) gives m outputs of a k-tap correlation from m + k − 1 products.
 */
export interface WinogradMatrices {
  /** [m, n] */
  readonly output: Matrix;
  /** [n, k] */
  readonly kernel: Matrix;
  /** [n, n] */
  readonly input: Matrix;
}

/** Where the polynomials are evaluated; small ones first, since rounding grows with their powers. */
const points = [0, 1, -1, 2, -2, 0.5, -0.5, 4];

/**
 * The matrices of F(m, k).
 * @throws RangeError where m + k is past the points there are
 */
export function winogradMatrices(m: number, k: number): WinogradMatrices {
  const n = m + k - 1;
  if (n - 1 > points.length)
    throw new RangeError(`Winograd F(${m}, ${k}): expected m + k of at most ${points.length + 2}`);
  // Powers of each point; the last row is the point at infinity.
  const powers = (columns: number): Matrix =>
    matrix(n, columns, (row, column) =>
      row < n - 1 ? points[row] ** column : Number(column === columns - 1),
    );
  return { output: transposed(powers(m)), kernel: powers(k), input: transposed(inverse(powers(n))) };
}

/** One axis of a convolution of stride 1 or 2 as tiles of F(m, k). */
export interface AxisTiling {
  /** Transformed positions of a tile: m + k − 1. */
  readonly positions: number;
  readonly tiles: number;
  /** [positions · tiles, input length]: cuts into padded tiles and transforms each. */
  readonly analysis: Matrix;
  /** [output length, positions · tiles]: transforms back and keeps every stride-th output. */
  readonly synthesis: Matrix;
  /** [positions, k] */
  readonly kernel: Matrix;
}

/** Tiles one axis of a convolution for F(tile, kernelSide); `before` is the padding at its start. */
export function tileAxis(
  length: number,
  outputLength: number,
  kernelSide: number,
  stride: number,
  before: number,
  tile: number,
): AxisTiling {
  const { output, kernel, input } = winogradMatrices(tile, kernelSide);
  const positions = tile + kernelSide - 1;
  const needed = (outputLength - 1) * stride + 1;
  const tiles = Math.ceil(needed / tile);
  const analysis = matrix(positions * tiles, length, (row, column) => {
    const position = Math.floor(row / tiles);
    const within = column - (tile * (row % tiles) - before);
    return within >= 0 && within < positions ? at(input, position, within) : 0;
  });
  const synthesis = matrix(outputLength, positions * tiles, (row, column) => {
    const place = row * stride;
    return Math.floor(place / tile) === column % tiles
      ? at(output, place % tile, Math.floor(column / tiles))
      : 0;
  });
  return { positions, tiles, analysis, synthesis, kernel };
}
