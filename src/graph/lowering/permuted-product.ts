import { matMul, reshape } from '../build.js';
import { fixedDims } from '../dims.js';
import { at, matrix } from '../matrix.js';
import type { Matrix, Node, NodeOf } from '../ops.js';
import { matrixConstant } from './matrix-constant.js';

/** A product's sides are those of two matrices; `matrixConstant` may have put a 1 before them. */
const isPlain = ({ type: { dims } }: Node): boolean =>
  dims.length === 2 || (dims.length === 3 && dims[0] === 1);

/** The matrix of a constant. */
function matrixOf(node: Node): (Matrix & { readonly again: boolean }) | undefined {
  if (node.op !== 'Constant' || !isPlain(node)) return undefined;
  const [rows, columns] = fixedDims(node.type.dims.slice(-2), 'Constant');
  const values = Float64Array.from(node.attributes.value.data as Float32Array);
  return { rows, columns, values, again: node.type.dims.length === 3 };
}

const withoutReshape = (node: Node): Node => (node.op === 'Reshape' ? withoutReshape(node.inputs[0]) : node);

/**
 * Where each of `length` rows of a transposed tensor comes from, if the transposition only reorders whole rows;
 * rows may be finer than the axes before the last.
 */
function rowOrder(node: NodeOf<'Transpose'>, length: number): ((row: number) => number) | undefined {
  const { permutation } = node.attributes;
  const last = permutation.length - 1;
  const dims = node.type.dims.slice(0, -1);
  if (permutation[last] !== last || dims.some((dim) => typeof dim !== 'number')) return undefined;
  const sides = dims as readonly number[];
  const moved = sides.reduce((a, b) => a * b, 1);
  if (length % moved !== 0) return undefined;
  const source = fixedDims(node.inputs[0].type.dims.slice(0, -1), 'Transpose');
  const strides = source.map((_, axis) => source.slice(axis + 1).reduce((a, b) => a * b, 1));
  const block = length / moved;
  return (row) => {
    let rest = Math.floor(row / block);
    let from = 0;
    for (let axis = last - 1; axis >= 0; axis--) {
      from += (rest % sides[axis]) * strides[permutation[axis]];
      rest = Math.floor(rest / sides[axis]);
    }
    return from * block + (row % block);
  };
}

/** The reordered rows of constant · x are (constant with its rows reordered) · x. */
export function transposedProduct(node: NodeOf<'Transpose'> & Node): Node {
  const inner = withoutReshape(node.inputs[0]);
  if (inner.op !== 'MatMul' || !isPlain(inner)) return node;
  const left = matrixOf(inner.inputs[0]);
  const order = left === undefined ? undefined : rowOrder(node, left.rows);
  if (left === undefined || order === undefined) return node;
  const reordered = matrix(left.rows, left.columns, (r, c) => at(left, order(r), c));
  return reshape(matMul(matrixConstant(reordered, left.again), inner.inputs[1]), node.type.dims);
}

/** constant · (x with its rows reordered) is (constant with its columns reordered) · x. */
export function productOfTransposed(node: NodeOf<'MatMul'> & Node): Node {
  const [a, b] = node.inputs as [Node, Node];
  const inner = withoutReshape(b);
  if (b.type.dims.length !== 2 || inner.op !== 'Transpose') return node;
  const left = matrixOf(a);
  const order = left === undefined ? undefined : rowOrder(inner, left.columns);
  if (left === undefined || order === undefined) return node;
  const place = new Int32Array(left.columns);
  for (let row = 0; row < left.columns; row++) place[order(row)] = row;
  const reordered = matrix(left.rows, left.columns, (r, c) => at(left, r, place[c]));
  return matMul(matrixConstant(reordered, left.again), reshape(inner.inputs[0], b.type.dims));
}
