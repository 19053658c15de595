import { inverse, matrix, transposed } from '../matrix.js';
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

/**
 * Where the polynomials are evaluated, before the point at infinity; small ones first, since rounding grows with their
 * powers.
 */
const points = [0, 1, -1, 2, -2, 0.5, -0.5, 0.75, -0.75];

/** Products of the largest F(m, k) there is: m + k − 1. */
export const possibleTransform = points.length + 1;

/** Products of the largest that is chosen: a ninth saves work, but costs a digit (bench/README.md, digits of the tiles). */
export const largestTransform = 8;

/**
 * The matrices of F(m, k). With one output or one tap there is nothing to save, and no transform.
 * @throws RangeError where m + k is past the points there are
 */
export function winogradMatrices(m: number, k: number): WinogradMatrices {
  const n = m + k - 1;
  const identity = matrix(n, n, (row, column) => Number(row === column));
  if (m === 1) return { output: matrix(1, k, () => 1), kernel: identity, input: identity };
  if (k === 1) return { output: identity, kernel: matrix(m, 1, () => 1), input: identity };
  if (n > possibleTransform) {
    throw new RangeError(`Winograd F(${m}, ${k}): expected m + k of at most ${possibleTransform + 1}`);
  }
  // Powers of each point; the last row is the point at infinity.
  const powers = (columns: number): Matrix =>
    matrix(n, columns, (row, column) =>
      row < n - 1 ? points[row] ** column : Number(column === columns - 1),
    );
  return { output: transposed(powers(m)), kernel: powers(k), input: transposed(inverse(powers(n))) };
}
