import { constant, concat, matMul, padMargins, reshape, slice, sliceRanges, transpose } from '../build.js';
import { fixedDims } from '../dims.js';
import type { Matrix, Node, NodeOf } from '../ops.js';
import { rewrite, type Program } from '../program.js';
import { simplify } from './simplify.js';

/** Each output position's receptive field as one row: [N·H'·W', kh·kw·C]. */
function patches(x: Node, node: NodeOf<'ConvWeightGradient'>, outH: number, outW: number): Node {
  const { strides, pads, weightDims } = node.attributes;
  const [, channels, kh, kw] = weightDims as [number, number, number, number];
  const batch = fixedDims(x.type.dims, 'ConvWeightGradient')[0]!;
  const channelsLast = transpose(x, [0, 2, 3, 1]);
  // Rows and columns past the last window are not read; the margin never needs to reach further.
  const padded = padMargins(channelsLast, [
    { axis: 1, before: pads[0], after: pads[2] },
    { axis: 2, before: pads[1], after: pads[3] },
  ]);
  const taps: Node[] = [];
  for (let u = 0; u < kh; u++)
    for (let v = 0; v < kw; v++) {
      taps.push(
        sliceRanges(padded, [
          { axis: 1, start: u, end: u + (outH - 1) * strides[0] + 1, step: strides[0] },
          { axis: 2, start: v, end: v + (outW - 1) * strides[1] + 1, step: strides[1] },
        ]),
      );
    }
  return reshape(concat(taps, 3), [batch * outH * outW, kh * kw * channels]);
}

/** dW as one matrix product of dy with the input's patches; a group at a time. */
function lowerWeightGradient(node: NodeOf<'ConvWeightGradient'>): Node {
  const [x, dy] = node.inputs as [Node, Node];
  const { groups, weightDims } = node.attributes;
  const [k, channels, kh, kw] = weightDims as [number, number, number, number];
  if (groups > 1) {
    const parts = Array.from({ length: groups }, (_, g) => {
      const inputs = [
        slice(x, 1, g * channels, (g + 1) * channels),
        slice(dy, 1, (g * k) / groups, ((g + 1) * k) / groups),
      ];
      const attributes = { ...node.attributes, groups: 1, weightDims: [k / groups, channels, kh, kw] };
      return lowerWeightGradient({ ...node, inputs, attributes });
    });
    return concat(parts, 0);
  }
  const [n, , outH, outW] = fixedDims(dy.type.dims, 'ConvWeightGradient') as [number, number, number, number];
  const rows = reshape(transpose(dy, [1, 0, 2, 3]), [k, n * outH * outW]);
  const product = matMul(rows, patches(x, node, outH, outW));
  return transpose(reshape(product, [k, kh, kw, channels]), [0, 3, 1, 2]);
}

const floats = ({ rows, columns, values }: Matrix, flip: boolean): Node => {
  const data = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) data[flip ? c * rows + r : r * columns + c] = values[r * columns + c]!;
  return constant({ dtype: 'float32', dims: flip ? [columns, rows] : [rows, columns], data });
};

/** One wide product with the Kronecker matrix is faster than many small ones while that matrix stays small. */
const largestKronecker = 1 << 17;

function kroneckerTransposed(left: Matrix, right: Matrix): Node {
  const inner = left.columns * right.columns;
  const outer = left.rows * right.rows;
  const data = new Float32Array(inner * outer);
  for (let i = 0; i < left.columns; i++)
    for (let j = 0; j < right.columns; j++)
      for (let r = 0; r < left.rows; r++)
        for (let c = 0; c < right.rows; c++) {
          data[(i * right.columns + j) * outer + r * right.rows + c] =
            left.values[r * left.columns + i]! * right.values[c * right.columns + j]!;
        }
  return constant({ dtype: 'float32', dims: [inner, outer], data });
}

function lowerSpatialMap(node: NodeOf<'SpatialMap'>): Node {
  const [x] = node.inputs as [Node];
  const { left, right } = node.attributes;
  const leading = x.type.dims.slice(0, -2);
  if (left.rows * right.rows * left.columns * right.columns <= largestKronecker) {
    const flat = reshape(x, [...leading, left.columns * right.columns]);
    return reshape(matMul(flat, kroneckerTransposed(left, right)), [...leading, left.rows, right.rows]);
  }
  return matMul(matMul(floats(left, false), x), floats(right, true));
}

/** Lowers every op that has no ONNX form of its own to ops that have one; convolutions are computed directly. */
export function lowerDirect(program: Program): Program {
  const lowered = rewrite(simplify(program), (node) => {
    switch (node.op) {
      case 'ConvWeightGradient':
        return lowerWeightGradient(node);
      case 'SpatialMap':
        return lowerSpatialMap(node);
      default:
        return node;
    }
  });
  return simplify(lowered);
}
