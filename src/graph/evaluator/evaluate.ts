import type { Tensor } from '../../tensor/tensor.js';
import { permutations, weightSides, type Layout } from '../layout.js';
import type { Dims, Matrix, Node, NodeOf, OpName } from '../ops.js';
import { topologicalOrder, type Program } from '../program.js';
import { broadcastReader, count, fill, reader, stridesOf, type Float64Tensor } from './array.js';
import { convolve, convolveInputGradient, convolveWeightGradient } from './convolution.js';
import { resizeImage } from './resize-image.js';

/** Computes one op; `dims` is the result's shape with every named side filled in. */
type Kernel<K extends OpName> = (
  node: NodeOf<K>,
  inputs: readonly Float64Tensor[],
  dims: readonly number[],
) => Float64Tensor;

const map =
  <K extends OpName>(f: (x: number, node: NodeOf<K>) => number): Kernel<K> =>
  (node, [x]) => ({ dims: x.dims, data: x.data.map((value) => f(value, node)) });

const zip =
  <K extends OpName>(f: (a: number, b: number) => number): Kernel<K> =>
  (_, [a, b], dims) => {
    const left = broadcastReader(a, dims.length);
    const right = broadcastReader(b, dims.length);
    return fill(dims, (index) => f(left(index), right(index)));
  };

function reduce(
  x: Float64Tensor,
  axes: readonly number[],
  dims: readonly number[],
  f: (x: number) => number,
) {
  const kept = stridesOf(x.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim)));
  const data = new Float64Array(count(dims));
  const strides = stridesOf(x.dims);
  for (let flat = 0; flat < x.data.length; flat++) {
    let target = 0;
    for (let axis = 0; axis < strides.length; axis++) {
      if (!axes.includes(axis)) target += (Math.floor(flat / strides[axis]) % x.dims[axis]) * kept[axis];
    }
    data[target] += f(x.data[flat]);
  }
  return { dims, data };
}

function multiply(a: Float64Tensor, b: Float64Tensor, dims: readonly number[]): Float64Tensor {
  const left = broadcastReader(a, dims.length);
  const right = broadcastReader(b, dims.length);
  const inner = a.dims.at(-1)!;
  return fill(dims, (index) => {
    const l = [...index];
    const r = [...index];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      l[l.length - 1] = k;
      r[r.length - 2] = k;
      sum += left(l) * right(r);
    }
    return sum;
  });
}

/** One matrix along one axis. */
function mapAxis(x: Float64Tensor, axis: number, m: Matrix): Float64Tensor {
  const read = reader(x);
  return fill(x.dims.with(axis, m.rows), (index) => {
    const row = index[axis];
    const source = [...index];
    let sum = 0;
    for (let k = 0; k < m.columns; k++) {
      const weight = m.values[row * m.columns + k];
      if (weight === 0) continue;
      source[axis] = k;
      sum += weight * read(source);
    }
    return sum;
  });
}

function permute(x: Float64Tensor, permutation: readonly number[]): Float64Tensor {
  const read = reader(x);
  const source = permutation.map(() => 0);
  return fill(
    permutation.map((axis) => x.dims[axis]),
    (index) => {
      permutation.forEach((axis, i) => (source[axis] = index[i]!));
      return read(source);
    },
  );
}

const nchw = (x: Float64Tensor, layout: Layout) => (layout === 'NCHW' ? x : permute(x, permutations.toNchw));
const oihw = (w: Float64Tensor, layout: Layout) =>
  layout === 'NCHW' ? w : permute(w, permutations.weightsToOihw);
const nchwDims = (dims: readonly number[], layout: Layout) =>
  layout === 'NCHW' ? dims : permutations.toNchw.map((axis) => dims[axis]);
const backToLayout = (y: Float64Tensor, layout: Layout) =>
  layout === 'NCHW' ? y : permute(y, permutations.toHwnc);

/** Reads the source at an index that differs from the result's along one axis; undefined gives zero. */
function along(
  x: Float64Tensor,
  dims: readonly number[],
  axis: number,
  sourceOf: (i: number) => number | undefined,
): Float64Tensor {
  const read = reader(x);
  return fill(dims, (index) => {
    const from = sourceOf(index[axis]);
    return from === undefined ? 0 : read(index.map((i, at) => (at === axis ? from : i)));
  });
}

const given: Kernel<'Input' | 'Constant'> = () => {
  throw new TypeError('evaluate: inputs and constants are given, not computed');
};

const kernels: { readonly [K in OpName]: Kernel<K> } = {
  Input: given,
  Constant: given,
  Neg: map((x) => -x),
  Exp: map(Math.exp),
  Log: map(Math.log),
  Sqrt: map(Math.sqrt),
  Atan: map(Math.atan),
  Tanh: map(Math.tanh),
  Sigmoid: map((x) => 1 / (1 + Math.exp(-x))),
  Square: map((x) => x * x),
  LeakyRelu: map((x, { attributes: { alpha } }) => (x > 0 ? x : alpha * x)),
  LeakySlope: map((x, { attributes: { alpha } }) => (x > 0 ? 1 : alpha)),
  Clip: map((x, { attributes: { min, max } }) => Math.min(max, Math.max(min, x))),
  WithinBounds: map((x, { attributes: { min, max } }) => (x >= min && x <= max ? 1 : 0)),
  Add: zip((a, b) => a + b),
  Sub: zip((a, b) => a - b),
  Mul: zip((a, b) => a * b),
  Div: zip((a, b) => a / b),
  Cast: (node, [x]) => {
    const whole = node.attributes.to === 'uint8' || node.attributes.to === 'int64';
    return whole ? { dims: x.dims, data: x.data.map(Math.trunc) } : x;
  },
  Reshape: (_, [x], dims) => ({ dims, data: x.data }),
  Transpose: ({ attributes: { permutation } }, [x]) => permute(x, permutation),
  Expand: (_, [x], dims) => fill(dims, broadcastReader(x, dims.length)),
  Slice: ({ attributes: { ranges } }, [x]) =>
    ranges.reduce((part, { axis, start, end, step }) => {
      const dims = part.dims.with(axis, Math.ceil((end - start) / step));
      return along(part, dims, axis, (i) => start + i * step);
    }, x),
  Concat: ({ attributes: { axis } }, inputs, dims) => {
    const readers = inputs.map(reader);
    return fill(dims, (index) => {
      const source = [...index];
      let part = 0;
      while (source[axis] >= inputs[part].dims[axis]) source[axis] -= inputs[part++].dims[axis];
      return readers[part](source);
    });
  },
  Pad: ({ attributes: { margins } }, [x]) =>
    margins.reduce((part, { axis, before, after }) => {
      const length = part.dims[axis];
      const dims = part.dims.with(axis, before + length + after);
      return along(part, dims, axis, (i) => (i < before || i >= before + length ? undefined : i - before));
    }, x),
  Gather: ({ attributes: { axis, indices } }, [x], dims) => along(x, dims, axis, (i) => indices[i]),
  ReduceSum: ({ attributes: { axes } }, [x], dims) => reduce(x, axes, dims, (value) => value),
  ReduceSumSquare: ({ attributes: { axes } }, [x], dims) => reduce(x, axes, dims, (value) => value * value),
  MatMul: (_, [a, b], dims) => multiply(a, b, dims),
  Conv: ({ attributes }, [x, w, bias], dims) => {
    const { layout } = attributes;
    const y = convolve(nchw(x, layout), oihw(w, layout), bias, nchwDims(dims, layout), attributes);
    return backToLayout(y, layout);
  },
  ConvInputGradient: ({ attributes }, [dy, w], dims) => {
    const { layout } = attributes;
    const dx = convolveInputGradient(nchw(dy, layout), oihw(w, layout), nchwDims(dims, layout), attributes);
    return backToLayout(dx, layout);
  },
  ConvWeightGradient: ({ attributes }, [x, dy], dims) => {
    const { layout } = attributes;
    const { outputs, inputs, height, width } = weightSides(layout, dims);
    const oihwDims = [outputs, inputs, height, width];
    const dw = convolveWeightGradient(nchw(x, layout), nchw(dy, layout), oihwDims, attributes);
    return layout === 'NCHW' ? dw : permute(dw, permutations.weightsToHwio);
  },
  SpatialMap: ({ attributes: { axis, left, right } }, [x]) =>
    mapAxis(mapAxis(x, axis, left), axis + 1, right),
  ResizeImage: ({ attributes: { height, width } }, [x]) => resizeImage(x, height, width),
};

function compute<K extends OpName>(
  node: NodeOf<K>,
  inputs: readonly Float64Tensor[],
  dims: readonly number[],
) {
  return kernels[node.op](node, inputs, dims);
}

function toFloat64({ dims, data }: Tensor): Float64Tensor {
  return { dims, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) };
}

/**
 * The oracle: computes a program op by op in double precision. Slow and plain; every lowering and every gradient
 * rule is held against it.
 */
export function evaluate(
  program: Program,
  feeds: Readonly<Record<string, Float64Tensor>>,
): Readonly<Record<string, Float64Tensor>> {
  const values = new Map<Node, Float64Tensor>();
  const named = new Map<string, number>();
  const resolve = (dims: Dims): readonly number[] =>
    dims.map((dim) => (typeof dim === 'number' ? dim : (named.get(dim) ?? NaN)));

  for (const node of topologicalOrder(Object.values(program))) {
    if (node.op === 'Constant') values.set(node, toFloat64(node.attributes.value));
    else if (node.op === 'Input') {
      const feed = feeds[node.attributes.name];
      if (feed === undefined) throw new TypeError(`evaluate: input ${node.attributes.name} is missing`);
      node.type.dims.forEach((dim, axis) => typeof dim === 'string' && named.set(dim, feed.dims[axis]));
      values.set(node, feed);
    } else {
      const inputs = node.inputs.map((input) => values.get(input)!);
      values.set(node, compute(node, inputs, resolve(node.type.dims)));
    }
  }
  return Object.fromEntries(Object.entries(program).map(([name, node]) => [name, values.get(node)!]));
}
