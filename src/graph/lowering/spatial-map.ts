import { matMul, reshape } from '../build.js';
import { fixedDims } from '../dims.js';
import { kronecker, transposed } from '../matrix.js';
import type { Matrix, Node, NodeOf } from '../ops.js';
import { matrixConstant } from './matrix-constant.js';

/** One wide product with the Kronecker matrix is faster than many small ones while that matrix stays small. */
const largestKronecker = 1 << 17;

/** On the last two axes: x · (left ⊗ right)ᵀ, or where that is large, left · x · rightᵀ. */
function onLastAxes(x: Node, left: Matrix, right: Matrix): Node {
  const leading = x.type.dims.slice(0, -2);
  if (left.values.length * right.values.length <= largestKronecker) {
    const flat = reshape(x, [...leading, left.columns * right.columns]);
    const both = matrixConstant(transposed(kronecker(left, right)));
    return reshape(matMul(flat, both), [...leading, left.rows, right.rows]);
  }
  return matMul(matMul(matrixConstant(left), x), matrixConstant(transposed(right)));
}

/** Up to so many elements the Kronecker matrix also costs less on the first axes, where it spares reordering tiles. */
const smallKronecker = 1200;

const isSmall = (left: Matrix, right: Matrix): boolean =>
  left.values.length * right.values.length <= smallKronecker;

/** Whether a map of the first two axes becomes one product. */
export const isSmallKronecker = ({ attributes: { left, right } }: NodeOf<'SpatialMap'>): boolean =>
  isSmall(left, right);

/** On the first two axes: each is a product from the left, the other sides are its columns. */
function onFirstAxes(x: Node, left: Matrix, right: Matrix, again: boolean): Node {
  const [height, width, ...rest] = fixedDims(x.type.dims, 'SpatialMap') as [number, number, ...number[]];
  const columns = rest.reduce((a, b) => a * b, 1);
  if (isSmall(left, right)) {
    const both = matMul(matrixConstant(kronecker(left, right), again), reshape(x, [height * width, columns]));
    return reshape(both, [left.rows, right.rows, ...rest]);
  }
  const rowsDone = matMul(matrixConstant(left, again), reshape(x, [height, width * columns]));
  const bothDone = matMul(matrixConstant(right), reshape(rowsDone, [left.rows, width, columns]));
  return reshape(bothDone, [left.rows, right.rows, ...rest]);
}

/**
 * A map of two axes as one or two matrix products.
 * @throws TypeError where the axes are neither the first two nor the last two
 */
export function lowerSpatialMap({ attributes, inputs }: NodeOf<'SpatialMap'>): Node {
  const [x] = inputs as [Node];
  const { axis, left, right, again = false } = attributes;
  if (axis === 0) return onFirstAxes(x, left, right, again);
  if (axis === x.type.dims.length - 2) return onLastAxes(x, left, right);
  throw new TypeError(`SpatialMap: expected the first two or the last two axes, got those from ${axis}`);
}
