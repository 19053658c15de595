import { convOutputLength, broadcastDims, sameDims, showDims } from './dims.js';
import { layoutAxes, mapDims, weightSides } from './layout.js';
import type { Dim, Dims, Node, OpAttributes, OpName, TensorType } from './ops.js';

/** A program that cannot be built: the op's name, what it expected and what came. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  constructor(
    readonly op: OpName,
    expected: string,
    readonly received: readonly TensorType[],
  ) {
    const came = received.map(({ dtype, dims }) => `${dtype} ${showDims(dims)}`).join(' and ');
    super(`${op}: expected ${expected}, got ${came === '' ? 'no input' : came}`);
  }
}

type Rule<K extends OpName> = (
  inputs: readonly TensorType[],
  attributes: OpAttributes[K],
) => TensorType | string;

const float = (dims: Dims): TensorType => ({ dtype: 'float32', dims });
const isFloat = (type: TensorType | undefined): type is TensorType => type?.dtype === 'float32';
const validAxis = (dims: Dims, axis: number): boolean =>
  Number.isInteger(axis) && axis >= 0 && axis < dims.length;
const distinctAxes = (dims: Dims, list: readonly { readonly axis: number }[]): boolean =>
  new Set(list.map(({ axis }) => axis)).size === list.length &&
  list.every(({ axis }) => validAxis(dims, axis));
const withAxis = (dims: Dims, axis: number, length: Dim): Dims =>
  dims.map((dim, i) => (i === axis ? length : dim));

const elementwise = ([x, ...rest]: readonly TensorType[]): TensorType | string =>
  isFloat(x) && rest.length === 0 ? x : 'one float32 tensor';

const broadcasting = ([a, b, ...rest]: readonly TensorType[]): TensorType | string => {
  if (!isFloat(a) || !isFloat(b) || rest.length > 0) return 'two float32 tensors';
  const dims = broadcastDims(a.dims, b.dims);
  return dims === undefined ? 'two shapes that broadcast' : float(dims);
};

function reduced(
  inputs: readonly TensorType[],
  axes: readonly number[],
  keepDims: boolean,
): TensorType | string {
  const [x] = inputs;
  if (!isFloat(x) || inputs.length !== 1) return 'one float32 tensor';
  if (new Set(axes).size !== axes.length || !axes.every((axis) => validAxis(x.dims, axis))) {
    return `distinct axes below the rank, axes (${axes.join(', ')})`;
  }
  return float(
    keepDims
      ? x.dims.map((dim, i) => (axes.includes(i) ? 1 : dim))
      : x.dims.filter((_, i) => !axes.includes(i)),
  );
}

function knownProduct(dims: Dims): number {
  return dims.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1);
}

/** A reshape keeps the number of elements; a named side must stay among the sides. */
function reshaped(x: TensorType, dims: Dims): TensorType | string {
  const names = (list: Dims): string => list.filter((dim) => typeof dim === 'string').join();
  const fits = knownProduct(x.dims) === knownProduct(dims) && names(x.dims) === names(dims);
  return fits ? { dtype: x.dtype, dims } : `as many elements as ${showDims(dims)} has`;
}

function matrixProduct(a: TensorType, b: TensorType): TensorType | string {
  const rows = a.dims.at(-2);
  const columns = b.dims.at(-1);
  const batch = broadcastDims(a.dims.slice(0, -2), b.dims.slice(0, -2));
  if (rows === undefined || b.dims.length < 2 || columns === undefined || batch === undefined) {
    return 'two tensors of rank 2 or more whose leading sides broadcast';
  }
  if (a.dims.at(-1) !== b.dims.at(-2)) return 'as many columns on the left as rows on the right';
  return float([...batch, rows, columns]);
}

function convolved(inputs: readonly TensorType[], geometry: OpAttributes['Conv']): TensorType | string {
  const [x, w, bias] = inputs;
  const { layout, groups, strides, pads } = geometry;
  if (!isFloat(x) || !isFloat(w) || x.dims.length !== 4 || w.dims.length !== 4) {
    const weights = layout === 'NCHW' ? '[K, C/groups, kh, kw]' : '[kh, kw, C/groups, K]';
    return `x [${[...layout].join(', ')}], w ${weights} and perhaps a bias [K], float32`;
  }
  const axes = layoutAxes[layout];
  const kernel = weightSides(layout, w.dims as readonly number[]);
  if (kernel.inputs * groups !== x.dims[axes.channel] || kernel.outputs % groups !== 0) {
    return `x with as many channels as w has inputs times ${groups} group(s)`;
  }
  if (bias !== undefined && !sameDims(bias.dims, [kernel.outputs])) return `a bias [${kernel.outputs}]`;
  const [top, left, bottom, right] = pads;
  const height = convOutputLength(x.dims[axes.height], kernel.height, strides[0], top, bottom);
  const width = convOutputLength(x.dims[axes.width], kernel.width, strides[1], left, right);
  if (Number(height) < 1 || Number(width) < 1) {
    return `a map at least as large as the kernel ${kernel.height}×${kernel.width}`;
  }
  return float(mapDims<Dim>(layout, { batch: x.dims[axes.batch], channel: kernel.outputs, height, width }));
}

const rules: { readonly [K in OpName]: Rule<K> } = {
  Input: (_, { type }) => type,
  Constant: (_, { value }) => ({ dtype: value.dtype, dims: value.dims }),
  Neg: elementwise,
  Exp: elementwise,
  Log: elementwise,
  Sqrt: elementwise,
  Atan: elementwise,
  Tanh: elementwise,
  Sigmoid: elementwise,
  Square: elementwise,
  LeakyRelu: elementwise,
  LeakySlope: elementwise,
  Clip: elementwise,
  WithinBounds: elementwise,
  Add: broadcasting,
  Sub: broadcasting,
  Mul: broadcasting,
  Div: broadcasting,
  Cast: ([x], { to }) => (x === undefined ? 'one tensor' : { dtype: to, dims: x.dims }),
  Reshape: ([x], { dims }) => (x === undefined ? 'one tensor' : reshaped(x, dims)),
  Transpose: ([x], { permutation }) =>
    x !== undefined && [...permutation].sort((a, b) => a - b).join() === [...x.dims.keys()].join()
      ? { dtype: x.dtype, dims: permutation.map((axis) => x.dims[axis]) }
      : `a tensor of rank ${permutation.length} and each axis once in (${permutation.join(', ')})`,
  Expand: ([x], { dims }) => {
    const fits = isFloat(x) && sameDims(broadcastDims(x.dims, dims) ?? [], dims);
    return fits ? float(dims) : `a float32 tensor that broadcasts to ${showDims(dims)}`;
  },
  Slice: ([x], { ranges }) => {
    if (x === undefined || !distinctAxes(x.dims, ranges)) return 'distinct axes below the rank';
    let dims = x.dims;
    for (const { axis, start, end, step } of ranges) {
      const length = x.dims[axis];
      if (step < 1 || start < 0 || end <= start || (typeof length === 'number' && end > length)) {
        return `0 ≤ start < end ≤ the length of axis ${axis} and a step of 1 or more, [${start}:${end}:${step}]`;
      }
      dims = withAxis(dims, axis, Math.ceil((end - start) / step));
    }
    return { dtype: x.dtype, dims };
  },
  Concat: (inputs, { axis }) => {
    const [first] = inputs;
    if (first === undefined || !validAxis(first.dims, axis)) return `tensors with an axis ${axis}`;
    const alike = inputs.every((x) => sameDims(withAxis(x.dims, axis, 1), withAxis(first.dims, axis, 1)));
    const lengths = inputs.map((x) => x.dims[axis]);
    if (!alike || !lengths.every((length) => typeof length === 'number')) {
      return `tensors that differ only along axis ${axis}`;
    }
    return {
      dtype: first.dtype,
      dims: withAxis(
        first.dims,
        axis,
        lengths.reduce((a, b) => a + b, 0),
      ),
    };
  },
  Pad: ([x], { margins }) => {
    if (!isFloat(x) || !distinctAxes(x.dims, margins))
      return 'a float32 tensor and distinct axes below its rank';
    let dims = x.dims;
    for (const { axis, before, after } of margins) {
      const length = x.dims[axis];
      if (typeof length !== 'number' || before < 0 || after < 0) {
        return `axis ${axis} of known length and margins of 0 or more, (${before}, ${after})`;
      }
      dims = withAxis(dims, axis, length + before + after);
    }
    return float(dims);
  },
  Gather: ([x], { axis, indices }) => {
    const length = x?.dims[axis];
    if (x === undefined || typeof length !== 'number' || indices.some((i) => i < 0 || i >= length)) {
      return `indices below the length of axis ${axis}`;
    }
    return { dtype: x.dtype, dims: withAxis(x.dims, axis, indices.length) };
  },
  ReduceSum: (inputs, { axes, keepDims }) => reduced(inputs, axes, keepDims),
  ReduceSumSquare: (inputs, { axes, keepDims }) => reduced(inputs, axes, keepDims),
  MatMul: ([a, b]) => (isFloat(a) && isFloat(b) ? matrixProduct(a, b) : 'two float32 tensors'),
  Conv: convolved,
  ConvInputGradient: (inputs, attributes) => {
    const [dy, w] = inputs;
    if (dy === undefined || w === undefined) return 'dy and w';
    const output = convolved([float(attributes.inputDims), w], attributes);
    if (typeof output === 'string') return output;
    return sameDims(output.dims, dy.dims) ? float(attributes.inputDims) : `dy ${showDims(output.dims)}`;
  },
  ConvWeightGradient: (inputs, attributes) => {
    const [x, dy] = inputs;
    if (x === undefined || dy === undefined) return 'x and dy';
    const output = convolved([x, float(attributes.weightDims)], attributes);
    if (typeof output === 'string') return output;
    return sameDims(output.dims, dy.dims) ? float(attributes.weightDims) : `dy ${showDims(output.dims)}`;
  },
  SpatialMap: ([x], { axis, left, right }) => {
    const fits = isFloat(x) && x.dims[axis] === left.columns && x.dims[axis + 1] === right.columns;
    if (!fits) return `a float32 tensor with sides ${left.columns}, ${right.columns} from axis ${axis}`;
    return float(x.dims.toSpliced(axis, 2, left.rows, right.rows));
  },
  ResizeImage: ([x], { height, width }) =>
    x?.dtype === 'uint8' && x.dims.length === 4
      ? { dtype: 'uint8', dims: [x.dims[0], height, width, x.dims[3]] }
      : 'a uint8 tensor [N, H, W, C]',
};

/** The type of an op's result; throws `ShapeError` where inputs or attributes do not fit. */
export function inferType<K extends OpName>(
  op: K,
  attributes: OpAttributes[K],
  inputs: readonly Node[],
): TensorType {
  const types = inputs.map((node) => node.type);
  const result = rules[op](types, attributes);
  if (typeof result === 'string') throw new ShapeError(op, result, types);
  return result;
}
