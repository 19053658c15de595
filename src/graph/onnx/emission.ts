import type { Dtype } from '../../tensor/tensor.js';
import { fixedDims } from '../dims.js';
import type { Dims, Node, NodeOf, OpName } from '../ops.js';
import type { Emitter } from './emitter.js';

/** Ops that a lowering must have replaced before a program is written. */
type LoweredOp = 'ConvWeightGradient' | 'SpatialMap';
type WrittenOp = Exclude<OpName, LoweredOp | 'Input' | 'Constant'>;

type Emission<K extends OpName> = (node: NodeOf<K>, inputs: readonly string[], emitter: Emitter) => string;

/** TensorProto.DataType of ONNX. */
export const onnxDtype: Readonly<Record<Dtype, number>> = { float32: 1, uint8: 2, int64: 7, bool: 9 };

const plain =
  <K extends WrittenOp>(type: string): Emission<K> =>
  (_, inputs, emitter) =>
    emitter.op(type, inputs);

/** A named side becomes −1, which ONNX works out from the number of elements; to hide the shape, the last one does. */
function reshapeTarget(dims: Dims, hides: boolean): readonly number[] {
  const target = dims.map((dim) => (typeof dim === 'number' ? dim : -1));
  return hides && target.length > 0 && !target.includes(-1) ? [...target.slice(0, -1), -1] : target;
}

/** TensorProto.DataType of 32-bit integers, which are only indices. */
const int32 = 6;

/** Larger than any float's reciprocal of interest: x · 1e38 saturates to ±∞ unless |x| is below 1e-38. */
const saturating = 1e38;

const emissions: { readonly [K in WrittenOp]: Emission<K> } = {
  Neg: plain('Neg'),
  Exp: plain('Exp'),
  Log: plain('Log'),
  Sqrt: plain('Sqrt'),
  Atan: plain('Atan'),
  Tanh: plain('Tanh'),
  Sigmoid: plain('Sigmoid'),
  Square: (_, [x], emitter) => emitter.op('Mul', [x, x]),
  LeakyRelu: ({ attributes: { alpha } }, inputs, emitter) =>
    emitter.op('LeakyRelu', inputs, { alpha: { float: alpha } }),
  // Mul and Clip run on all cores in one pass each; Greater with Where takes three slow ones.
  LeakySlope: ({ attributes: { alpha } }, [x], emitter) => {
    const saturated = emitter.op('Mul', [x, emitter.scalar(saturating)]);
    return emitter.op('Clip', [saturated, emitter.scalar(alpha), emitter.scalar(1)]);
  },
  Clip: ({ attributes: { min, max } }, [x], emitter) =>
    emitter.op('Clip', [x, emitter.scalar(min), emitter.scalar(max)]),
  WithinBounds: ({ attributes: { min, max } }, [x], emitter) => {
    const clipped = emitter.op('Clip', [x, emitter.scalar(min), emitter.scalar(max)]);
    return emitter.op('Cast', [emitter.op('Equal', [x, clipped])], { to: onnxDtype.float32 });
  },
  Add: plain('Add'),
  Sub: plain('Sub'),
  Mul: plain('Mul'),
  Div: plain('Div'),
  Cast: ({ attributes: { to } }, inputs, emitter) => emitter.op('Cast', inputs, { to: onnxDtype[to] }),
  Reshape: ({ attributes: { dims } }, [x], emitter) => {
    // The operands of products are transposed: any of their sides may come last.
    const known = dims.every((dim) => typeof dim === 'number');
    const all = dims.length === 3 && known ? emitter.sides(fixedDims(dims, 'Reshape')) : undefined;
    return emitter.op('Reshape', [x, all ?? emitter.integers(reshapeTarget(dims, emitter.hidesShapes))]);
  },
  Transpose: ({ attributes: { permutation } }, inputs, emitter) =>
    emitter.op('Transpose', inputs, { perm: permutation }),
  Expand: ({ attributes: { dims } }, [x], emitter) =>
    emitter.op('Expand', [x, emitter.sides(fixedDims(dims, 'Expand'))]),
  Slice: ({ attributes: { ranges } }, [x], emitter) =>
    emitter.op('Slice', [
      x,
      emitter.integers(ranges.map(({ start }) => start)),
      emitter.integers(ranges.map(({ end }) => end)),
      emitter.integers(ranges.map(({ axis }) => axis)),
      emitter.integers(ranges.map(({ step }) => step)),
    ]),
  Concat: ({ attributes: { axis } }, inputs, emitter) => emitter.op('Concat', inputs, { axis }),
  Pad: ({ attributes: { margins }, type: { dims } }, [x], emitter) => {
    const margin = (side: 'before' | 'after') =>
      dims.map((_, axis) => margins.find((entry) => entry.axis === axis)?.[side] ?? 0);
    return emitter.op('Pad', [x, emitter.integers([...margin('before'), ...margin('after')])]);
  },
  Gather: ({ attributes: { axis, indices }, type: { dims } }, [x], emitter) => {
    // Cut to a length known only as the program runs, they are not kept repeated along the other sides.
    const list = emitter.hidesShapes
      ? emitter.op('Slice', [
          emitter.integers(indices),
          emitter.integers([0]),
          emitter.sides([indices.length]),
        ])
      : emitter.integers(indices);
    const fixed = dims.every((dim) => typeof dim === 'number');
    if (axis < dims.length - 1 || !fixed) return emitter.op('Gather', [x, list], { axis });
    // Gather copies element by element along the last axis; GatherElements is seven times as fast there.
    const each = emitter.op('Expand', [
      emitter.op('Cast', [list], { to: int32 }),
      emitter.integers([...fixedDims(dims, 'Gather').slice(0, -1), 1]),
    ]);
    return emitter.op('GatherElements', [x, each], { axis });
  },
  ReduceSum: ({ attributes: { axes, keepDims } }, [x], emitter) =>
    emitter.op('ReduceSum', [x, emitter.integers(axes)], { keepdims: Number(keepDims) }),
  ReduceSumSquare: ({ attributes: { axes, keepDims } }, [x], emitter) =>
    emitter.op('ReduceSumSquare', [x, emitter.integers(axes)], { keepdims: Number(keepDims) }),
  MatMul: plain('MatMul'),
  Conv: ({ attributes: { strides, pads, groups }, inputs: [, w] }, inputs, emitter) =>
    emitter.op('Conv', inputs, {
      strides,
      pads,
      group: groups,
      kernel_shape: fixedDims(w.type.dims, 'Conv').slice(2),
    }),
  ConvInputGradient: (node, inputs, emitter) => {
    const { strides, pads, groups, inputDims } = node.attributes;
    const [dy, w] = node.inputs.map(({ type }) => type.dims);
    const kernel = fixedDims(w, 'ConvInputGradient').slice(2);
    const wanted = fixedDims(inputDims.slice(2), 'ConvInputGradient');
    const from = fixedDims(dy.slice(2), 'ConvInputGradient');
    // What a convolution's window never reached at the far border.
    const rest = wanted.map(
      (length, i) => length - ((from[i] - 1) * strides[i] + kernel[i] - pads[i] - pads[i + 2]),
    );
    return emitter.op('ConvTranspose', inputs, {
      strides,
      pads,
      group: groups,
      kernel_shape: kernel,
      output_padding: rest,
    });
  },
  // On uint8 [N, H, W, C] itself, with these settings, every runtime gives the same grey levels.
  ResizeImage: ({ attributes: { height, width } }, [x], emitter) =>
    emitter.op('Resize', [x, '', '', emitter.integers([height, width])], {
      axes: [1, 2],
      mode: 'linear',
      antialias: 1,
      exclude_outside: 1,
      coordinate_transformation_mode: 'half_pixel',
    }),
};

/** Appends one node of the program; its value's name is returned. */
export function emitNode<K extends WrittenOp>(
  node: NodeOf<K>,
  inputs: readonly string[],
  emitter: Emitter,
): string {
  return emissions[node.op](node, inputs, emitter);
}

/** Whether an op has an ONNX form; the others must be lowered first. */
export function isWritten(node: Node): node is Node & { readonly op: WrittenOp } {
  return node.op in emissions;
}
