import {
  conv,
  convInputGradient,
  convWeightGradient,
  matMul,
  reduceSum,
  spatialMap,
  transpose,
} from '../build.js';
import { fixedDims } from '../dims.js';
import { layoutAxes } from '../layout.js';
import { transposed } from '../matrix.js';
import type { ConvGeometry, Node } from '../ops.js';
import { sumTo } from './broadcasting.js';
import type { GradientRule } from './rule.js';

type ProductOp = 'MatMul' | 'Conv' | 'ConvInputGradient' | 'ConvWeightGradient' | 'SpatialMap';

const geometryOf = ({ strides, pads, groups, layout }: ConvGeometry): ConvGeometry => ({
  strides,
  pads,
  groups,
  layout,
});
const weightDims = (w: Node): readonly number[] => fixedDims(w.type.dims, 'Conv weights');
const operands = (node: { readonly inputs: readonly Node[] }): readonly [Node, Node] => [
  node.inputs[0],
  node.inputs[1],
];

function swapLastTwo(x: Node): Node {
  const rank = x.type.dims.length;
  return transpose(x, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
}

export const productRules: { readonly [K in ProductOp]: GradientRule<K> } = {
  MatMul: (node, dy) => {
    const [a, b] = operands(node);
    return [sumTo(matMul(dy, swapLastTwo(b)), a), sumTo(matMul(swapLastTwo(a), dy), b)];
  },
  Conv: (node, dy) => {
    const [x, w] = operands(node);
    const geometry = geometryOf(node.attributes);
    const gradients = [
      convInputGradient(dy, w, geometry, x.type.dims),
      convWeightGradient(x, dy, geometry, weightDims(w)),
    ];
    if (node.inputs.length < 3) return gradients;
    const { channel } = layoutAxes[geometry.layout];
    return [
      ...gradients,
      reduceSum(
        dy,
        [0, 1, 2, 3].filter((axis) => axis !== channel),
      ),
    ];
  },
  // Convolution is bilinear in (x, w), so its two gradients differentiate into each other and into Conv.
  ConvInputGradient: (node, g) => {
    const [dy, w] = operands(node);
    const geometry = geometryOf(node.attributes);
    return [conv(g, w, undefined, geometry), convWeightGradient(g, dy, geometry, weightDims(w))];
  },
  ConvWeightGradient: (node, g) => {
    const [x, dy] = operands(node);
    const geometry = geometryOf(node.attributes);
    return [convInputGradient(dy, g, geometry, x.type.dims), conv(x, g, undefined, geometry)];
  },
  SpatialMap: ({ attributes: { axis, left, right } }, dy) => [
    spatialMap(dy, axis, transposed(left), transposed(right)),
  ],
};
