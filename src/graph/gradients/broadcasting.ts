import { expand, reduceSum, reshape } from '../build.js';
import { sameDims } from '../dims.js';
import type { Node } from '../ops.js';

/** Sums a gradient over the axes along which its operand was broadcast. */
export function sumTo(dy: Node, operand: Node): Node {
  const { dims } = operand.type;
  if (sameDims(dy.type.dims, dims)) return dy;
  const offset = dy.type.dims.length - dims.length;
  const axes = [...dy.type.dims.keys()].filter(
    (axis) => axis < offset || dims[axis - offset] !== dy.type.dims[axis],
  );
  return reshape(axes.length === 0 ? dy : reduceSum(dy, axes, true), dims);
}

/** The gradient of a sum over axes: dy repeated along them. */
export function spread(dy: Node, source: Node, axes: readonly number[]): Node {
  const kept = source.type.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return expand(reshape(dy, kept), source.type.dims);
}
