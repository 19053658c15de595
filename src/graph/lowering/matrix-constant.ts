import { constant } from '../build.js';
import type { Matrix, Node } from '../ops.js';

/** A matrix as a constant [rows, columns] of the program. */
export function matrixConstant({ rows, columns, values }: Matrix): Node {
  return constant({ dtype: 'float32', dims: [rows, columns], data: Float32Array.from(values) });
}
