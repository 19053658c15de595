import type { Matrix } from './ops.js';

/** A matrix from a function of row and column. */
export function matrix(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
): Matrix {
  const values = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values[r * columns + c] = value(r, c);
  return { rows, columns, values };
}

export const at = ({ columns, values }: Matrix, row: number, column: number): number =>
  values[row * columns + column];

export const isIdentity = ({ rows, columns, values }: Matrix): boolean =>
  rows === columns && values.every((value, i) => value === Number(Math.floor(i / columns) === i % columns));

/** mᵀ */
export function transposed(m: Matrix): Matrix {
  return matrix(m.columns, m.rows, (r, c) => at(m, c, r));
}

/** a · b; a has as many columns as b has rows. */
export function product(a: Matrix, b: Matrix): Matrix {
  return matrix(a.rows, b.columns, (r, c) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += at(a, r, k) * at(b, k, c);
    return sum;
  });
}

/** a ⊗ b: each element of a times the whole of b. */
export function kronecker(a: Matrix, b: Matrix): Matrix {
  return matrix(
    a.rows * b.rows,
    a.columns * b.columns,
    (r, c) => at(a, Math.floor(r / b.rows), Math.floor(c / b.columns)) * at(b, r % b.rows, c % b.columns),
  );
}

/** The inverse by Gauss–Jordan elimination with pivoting; for the small matrices of this room. */
export function inverse(m: Matrix): Matrix {
  const n = m.rows;
  const work = Array.from({ length: n }, (_, r) =>
    Array.from({ length: 2 * n }, (_, c) => (c < n ? at(m, r, c) : Number(c - n === r))),
  );
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column; r < n; r++) if (Math.abs(work[r][column]) > Math.abs(work[pivot][column])) pivot = r;
    [work[column], work[pivot]] = [work[pivot], work[column]];
    const divisor = work[column][column];
    if (divisor === 0) throw new RangeError('inverse: the matrix is singular');
    work[column] = work[column].map((value) => value / divisor);
    for (let r = 0; r < n; r++) {
      const factor = work[r][column];
      if (r !== column && factor !== 0) work[r] = work[r].map((value, c) => value - factor * work[column][c]);
    }
  }
  return matrix(n, n, (r, c) => work[r][n + c]);
}
