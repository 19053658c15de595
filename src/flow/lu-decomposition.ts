import type { NumpyRandom } from '../tensor/numpy-random.js';

export interface LuDecomposition {
  /** Row i of the matrix is row `order[i]` of L · (U + diag). */
  readonly order: Int32Array;
  /** [n, n], zeros on and above the diagonal; the ones of the diagonal are left out. */
  readonly lower: Float64Array;
  /** [n, n], zeros on and below the diagonal. */
  readonly upper: Float64Array;
  readonly diagonal: Float64Array;
}

/**
 * M = P · L · (U + diag) by elimination with row pivoting.
 * @throws RangeError where the matrix is singular
 */
export function luDecomposition(matrix: Float64Array, n: number): LuDecomposition {
  const work = Array.from({ length: n }, (_, row) => matrix.slice(row * n, (row + 1) * n));
  // rows[i]: which row of the matrix stands at place i.
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let row = k + 1; row < n; row++) if (Math.abs(work[row][k]) > Math.abs(work[pivot][k])) pivot = row;
    if (work[pivot][k] === 0) throw new RangeError('LU decomposition: expected an invertible matrix');
    [work[k], work[pivot]] = [work[pivot], work[k]];
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let row = k + 1; row < n; row++) {
      const factor = work[row][k] / work[k][k];
      work[row][k] = factor;
      for (let column = k + 1; column < n; column++) work[row][column] -= factor * work[k][column];
    }
  }
  const part = (keeps: (row: number, column: number) => boolean): Float64Array =>
    Float64Array.from({ length: n * n }, (_, i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      return keeps(row, column) ? work[row][column] : 0;
    });
  const order = new Int32Array(n);
  rows.forEach((row, place) => (order[row] = place));
  return {
    order,
    lower: part((row, column) => row > column),
    upper: part((row, column) => row < column),
    diagonal: Float64Array.from({ length: n }, (_, i) => work[i][i]),
  };
}

/** A drawn rotation (or reflection) [n, n]: Gram–Schmidt on normal rows. */
export function randomRotation(n: number, random: NumpyRandom): Float64Array {
  const rows: Float64Array[] = [];
  while (rows.length < n) {
    const row = Float64Array.from({ length: n }, () => random.normal());
    for (const done of rows) {
      const along = row.reduce((sum, value, i) => sum + value * done[i], 0);
      done.forEach((value, i) => (row[i] -= along * value));
    }
    const norm = Math.hypot(...row);
    if (norm > 1e-3) rows.push(row.map((value) => value / norm));
  }
  return Float64Array.from(rows.flatMap((row) => [...row]));
}
