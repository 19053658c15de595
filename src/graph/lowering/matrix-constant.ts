import { constant } from '../build.js';
import type { Matrix, Node } from '../ops.js';

/**
 * A matrix as a constant [rows, columns] of the program, or [1, rows, columns]: a product with that one is not taken
 * for a product with the other, so that a value can be computed twice instead of being kept.
 */
export function matrixConstant({ rows, columns, values }: Matrix, again = false): Node {
  const dims = again ? [1, rows, columns] : [rows, columns];
  return constant({ dtype: 'float32', dims, data: Float32Array.from(values) });
}
