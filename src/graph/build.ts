import { floatTensor, type Tensor } from '../tensor/tensor.js';
import { sameDims } from './dims.js';
import type {
  AxisMargin,
  AxisRange,
  ConvGeometry,
  Dims,
  Matrix,
  Node,
  NodeOf,
  OpAttributes,
  OpName,
} from './ops.js';
import { inferType } from './shape-inference.js';

/** Makes one node; throws `ShapeError` where the inputs do not fit the op. */
export function createNode<K extends OpName>(
  op: K,
  attributes: OpAttributes[K],
  inputs: readonly Node[],
): NodeOf<K> {
  return { op, attributes, inputs, type: inferType(op, attributes, inputs) };
}

const make = <K extends OpName>(op: K, attributes: OpAttributes[K], ...inputs: readonly Node[]): Node =>
  // A NodeOf<K> is a member of the union Node for every K, which TypeScript cannot see through the generic.
  createNode(op, attributes, inputs) as Node;

export const input = (name: string, dims: Dims, dtype: Tensor['dtype'] = 'float32'): Node =>
  make('Input', { name, type: { dtype, dims } });
/** @param name of its own, by which it is found again in a written model */
export const constant = (value: Tensor, name?: string): Node =>
  make('Constant', name === undefined ? { value } : { value, name });
export const scalar = (value: number): Node => constant(floatTensor([], [value]));

export const neg = (x: Node): Node => make('Neg', {}, x);
export const exp = (x: Node): Node => make('Exp', {}, x);
export const log = (x: Node): Node => make('Log', {}, x);
export const sqrt = (x: Node): Node => make('Sqrt', {}, x);
export const atan = (x: Node): Node => make('Atan', {}, x);
export const tanh = (x: Node): Node => make('Tanh', {}, x);
export const sigmoid = (x: Node): Node => make('Sigmoid', {}, x);
export const square = (x: Node): Node => make('Square', {}, x);
export const leakyRelu = (x: Node, alpha: number): Node => make('LeakyRelu', { alpha }, x);
export const leakySlope = (x: Node, alpha: number): Node => make('LeakySlope', { alpha }, x);
export const clip = (x: Node, min: number, max: number): Node => make('Clip', { min, max }, x);
export const withinBounds = (x: Node, min: number, max: number): Node =>
  make('WithinBounds', { min, max }, x);

export const add = (a: Node, b: Node): Node => make('Add', {}, a, b);
export const sub = (a: Node, b: Node): Node => make('Sub', {}, a, b);
export const mul = (a: Node, b: Node): Node => make('Mul', {}, a, b);
export const div = (a: Node, b: Node): Node => make('Div', {}, a, b);
export const scale = (x: Node, factor: number): Node => (factor === 1 ? x : mul(x, scalar(factor)));

export const cast = (x: Node, to: Tensor['dtype']): Node => make('Cast', { to }, x);
export const reshape = (x: Node, dims: Dims): Node =>
  sameDims(x.type.dims, dims) ? x : make('Reshape', { dims }, x);
export const transpose = (x: Node, permutation: readonly number[]): Node =>
  make('Transpose', { permutation }, x);
export const expand = (x: Node, dims: Dims): Node =>
  sameDims(x.type.dims, dims) ? x : make('Expand', { dims }, x);
export const sliceRanges = (x: Node, ranges: readonly AxisRange[]): Node => make('Slice', { ranges }, x);
export const slice = (x: Node, axis: number, start: number, end: number, step = 1): Node =>
  sliceRanges(x, [{ axis, start, end, step }]);
export const concat = (parts: readonly Node[], axis: number): Node => make('Concat', { axis }, ...parts);
export const padMargins = (x: Node, margins: readonly AxisMargin[]): Node => make('Pad', { margins }, x);
export const pad = (x: Node, axis: number, before: number, after: number): Node =>
  padMargins(x, [{ axis, before, after }]);
export const gather = (x: Node, axis: number, indices: readonly number[]): Node =>
  make('Gather', { axis, indices }, x);

export const reduceSum = (x: Node, axes: readonly number[], keepDims = false): Node =>
  make('ReduceSum', { axes, keepDims }, x);
export const reduceSumSquare = (x: Node, axes: readonly number[], keepDims = false): Node =>
  make('ReduceSumSquare', { axes, keepDims }, x);
export const allAxes = (x: Node): readonly number[] => [...x.type.dims.keys()];

export const matMul = (a: Node, b: Node): Node => make('MatMul', {}, a, b);
export const conv = (x: Node, w: Node, bias: Node | undefined, geometry: ConvGeometry): Node =>
  make('Conv', geometry, x, w, ...(bias === undefined ? [] : [bias]));
export const convInputGradient = (dy: Node, w: Node, geometry: ConvGeometry, inputDims: Dims): Node =>
  make('ConvInputGradient', { ...geometry, inputDims }, dy, w);
export const convWeightGradient = (
  x: Node,
  dy: Node,
  geometry: ConvGeometry,
  weightDims: readonly number[],
): Node => make('ConvWeightGradient', { ...geometry, weightDims }, x, dy);
export const spatialMap = (x: Node, axis: number, left: Matrix, right: Matrix, again = false): Node =>
  make('SpatialMap', { axis, left, right, again }, x);
export const resizeImage = (x: Node, height: number, width: number): Node =>
  make('ResizeImage', { height, width }, x);
