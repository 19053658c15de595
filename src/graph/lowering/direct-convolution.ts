import {
  concat,
  conv,
  convInputGradient,
  convWeightGradient,
  matMul,
  padMargins,
  reshape,
  slice,
  sliceRanges,
  transpose,
} from '../build.js';
import { fixedDims } from '../dims.js';
import { permutations, weightDims, weightSides } from '../layout.js';
import type { ConvGeometry, Node, NodeOf } from '../ops.js';
import type { ConvolutionOp } from './convolution-plan.js';

const toNchw = (x: Node): Node => transpose(x, permutations.toNchw);
const toHwnc = (x: Node): Node => transpose(x, permutations.toHwnc);
const toOihw = (w: Node): Node => transpose(w, permutations.weightsToOihw);

/** A space-major convolution by way of ONNX's own layout. */
export function throughNchw(node: NodeOf<ConvolutionOp> & Node): Node {
  const geometry: ConvGeometry = { ...node.attributes, layout: 'NCHW' };
  const [a, b, bias] = node.inputs as [Node, Node, Node | undefined];
  switch (node.op) {
    case 'Conv':
      return toHwnc(conv(toNchw(a), toOihw(b), bias, geometry));
    case 'ConvInputGradient': {
      const dims = permutations.toNchw.map((axis) => node.attributes.inputDims[axis]);
      return toHwnc(convInputGradient(toNchw(a), toOihw(b), geometry, dims));
    }
    case 'ConvWeightGradient': {
      const dims = weightDims('NCHW', weightSides('HWNC', node.attributes.weightDims));
      const gradient = convWeightGradient(toNchw(a), toNchw(b), geometry, dims);
      const lowered = gradient.op === 'ConvWeightGradient' ? lowerWeightGradient(gradient) : gradient;
      return transpose(lowered, permutations.weightsToHwio);
    }
  }
}

/** Each output position's receptive field as one row: [N·H'·W', kh·kw·C]. */
function patches(x: Node, node: NodeOf<'ConvWeightGradient'>, outH: number, outW: number): Node {
  const { strides, pads } = node.attributes;
  const { inputs, height, width } = weightSides('NCHW', node.attributes.weightDims);
  const batch = fixedDims(x.type.dims, 'ConvWeightGradient')[0];
  const padded = padMargins(transpose(x, [0, 2, 3, 1]), [
    { axis: 1, before: pads[0], after: pads[2] },
    { axis: 2, before: pads[1], after: pads[3] },
  ]);
  const taps: Node[] = [];
  for (let u = 0; u < height; u++)
    for (let v = 0; v < width; v++) {
      taps.push(
        sliceRanges(padded, [
          { axis: 1, start: u, end: u + (outH - 1) * strides[0] + 1, step: strides[0] },
          { axis: 2, start: v, end: v + (outW - 1) * strides[1] + 1, step: strides[1] },
        ]),
      );
    }
  return reshape(concat(taps, 3), [batch * outH * outW, height * width * inputs]);
}

/** dW in NCHW as one matrix product of dy with the input's patches; a group at a time. */
export function lowerWeightGradient(node: NodeOf<'ConvWeightGradient'>): Node {
  const [x, dy] = node.inputs as [Node, Node];
  const { groups } = node.attributes;
  const { outputs, inputs, height, width } = weightSides('NCHW', node.attributes.weightDims);
  if (groups > 1) {
    const parts = Array.from({ length: groups }, (_, g) => {
      const group = [
        slice(x, 1, g * inputs, (g + 1) * inputs),
        slice(dy, 1, (g * outputs) / groups, ((g + 1) * outputs) / groups),
      ];
      const attributes = {
        ...node.attributes,
        groups: 1,
        weightDims: [outputs / groups, inputs, height, width],
      };
      return lowerWeightGradient({ ...node, inputs: group, attributes });
    });
    return concat(parts, 0);
  }
  const [n, , outH, outW] = fixedDims(dy.type.dims, 'ConvWeightGradient') as [number, number, number, number];
  const rows = reshape(transpose(dy, [1, 0, 2, 3]), [outputs, n * outH * outW]);
  const product = matMul(rows, patches(x, node, outH, outW));
  return transpose(reshape(product, [outputs, height, width, inputs]), [0, 3, 1, 2]);
}
