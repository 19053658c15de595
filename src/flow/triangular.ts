import { concat, constant, matMul, neg, slice, transpose, type Node } from '../graph/index.js';
import { zeros } from '../tensor/tensor.js';

const side = (matrix: Node): number => matrix.type.dims[0] as number;

function block(matrix: Node, rows: readonly [number, number], columns: readonly [number, number]): Node {
  return slice(slice(matrix, 0, ...rows), 1, ...columns);
}

/**
 * The inverse of a lower triangular matrix [C, C] with ones on its diagonal, by halves:
 * [A 0; B D]⁻¹ = [A⁻¹ 0; −D⁻¹BA⁻¹ D⁻¹].
 */
export function invertUnitLower(lower: Node): Node {
  const n = side(lower);
  if (n === 1) return lower;
  const half = n >> 1;
  const a = invertUnitLower(block(lower, [0, half], [0, half]));
  const d = invertUnitLower(block(lower, [half, n], [half, n]));
  const b = neg(matMul(matMul(d, block(lower, [half, n], [0, half])), a));
  const corner = constant(zeros([half, n - half]));
  return concat([concat([a, corner], 1), concat([b, d], 1)], 0);
}

/** The inverse of an upper triangular matrix [C, C] with ones on its diagonal. */
export function invertUnitUpper(upper: Node): Node {
  return transpose(invertUnitLower(transpose(upper, [1, 0])), [1, 0]);
}
