import * as g from '#csflow/graph/index.js';
import type { NumpyRandom } from '#csflow/tensor/numpy-random.js';

/** One op on random inputs: how it is built, and what is fed. */
export interface OpCase {
  readonly build: (inputs: readonly g.Node[]) => g.Node;
  readonly feeds: readonly g.Float64Tensor[];
  readonly dtype?: 'float32' | 'uint8';
}

type MakeCase = (random: NumpyRandom) => OpCase;

const between = (random: NumpyRandom, low: number, high: number): number =>
  low + random.integerUpTo(high - low);

function tensor(
  random: NumpyRandom,
  dims: readonly number[],
  value = () => random.normal(),
): g.Float64Tensor {
  const length = dims.reduce((a, b) => a * b, 1);
  // Rounded to single precision, so that ONNX Runtime is fed the very same numbers.
  return { dims, data: Float64Array.from({ length }, () => Math.fround(value())) };
}

function someDims(random: NumpyRandom, rank = between(random, 1, 4)): number[] {
  return Array.from({ length: rank }, () => between(random, 1, 5));
}

/** Away from the kinks of piecewise functions, where finite differences mean nothing. */
const awayFromZero = (random: NumpyRandom) => () => {
  const value = random.normal();
  return value + Math.sign(value) * 0.1;
};

const unary =
  (op: (x: g.Node) => g.Node, value?: (random: NumpyRandom) => () => number): MakeCase =>
  (random) => ({ build: ([x]) => op(x), feeds: [tensor(random, someDims(random), value?.(random))] });

const positive = (random: NumpyRandom) => () => 0.3 + random.uniform() * 3;

const binary =
  (op: (a: g.Node, b: g.Node) => g.Node, second?: (random: NumpyRandom) => () => number): MakeCase =>
  (random) => {
    const dims = someDims(random);
    // Broadcast either operand along some axes, or leave leading ones out.
    const shrink = (list: number[]) => list.map((dim) => (random.uniform() < 0.3 ? 1 : dim));
    const cut = random.integerUpTo(dims.length - 1);
    const [a, b] = random.uniform() < 0.5 ? [dims, shrink(dims).slice(cut)] : [shrink(dims), dims];
    return { build: ([x, y]) => op(x, y), feeds: [tensor(random, a), tensor(random, b, second?.(random))] };
  };

const reducing =
  (op: (x: g.Node, axes: readonly number[], keepDims: boolean) => g.Node): MakeCase =>
  (random) => {
    const dims = someDims(random);
    const axes = [...dims.keys()].filter(() => random.uniform() < 0.5);
    const keepDims = random.uniform() < 0.5;
    const chosen = axes.length > 0 ? axes : [0];
    return { build: ([x]) => op(x, chosen, keepDims), feeds: [tensor(random, dims)] };
  };

interface ConvCase {
  readonly geometry: g.ConvGeometry;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
  readonly outputs: number;
}

/** Odd and even sides, strides, uneven pads, groups: whatever a convolution may be. */
function convCase(random: NumpyRandom): ConvCase {
  const groups = between(random, 1, 2);
  const kernel = [between(random, 1, 5), between(random, 1, 3)] as const;
  const strides = [between(random, 1, 2), between(random, 1, 2)] as const;
  const pad = () => random.integerUpTo(2);
  const pads = [pad(), pad(), pad(), pad()] as const;
  const layout = random.uniform() < 0.5 ? 'NCHW' : 'HWNC';
  const channels = groups * between(random, 1, 3);
  const [height, width] = [between(random, 5, 14), between(random, 3, 7)];
  const x = g.mapDims(layout, { batch: between(random, 1, 3), channel: channels, height, width });
  const outputs = groups * between(random, 1, 3);
  const sides = { outputs, inputs: channels / groups, height: kernel[0], width: kernel[1] };
  const w = g.weightDims(layout, sides);
  const geometry = { groups, strides, pads, layout } as const;
  const y = g.conv(g.input('x', x), g.input('w', w), undefined, geometry).type.dims as readonly number[];
  return { geometry, x, w, y, outputs };
}

const randomMatrix = (random: NumpyRandom, rows: number, columns: number): g.Matrix => ({
  rows,
  columns,
  values: Float64Array.from({ length: rows * columns }, () => Math.fround(random.normal())),
});

/** Every op of the program; the two that are given and not computed have no case. */
export const opCases: { readonly [K in Exclude<g.OpName, 'Input' | 'Constant'>]: MakeCase } = {
  Neg: unary(g.neg),
  Exp: unary(g.exp),
  Log: unary(g.log, positive),
  Sqrt: unary(g.sqrt, positive),
  Atan: unary(g.atan),
  Tanh: unary(g.tanh),
  Sigmoid: unary(g.sigmoid),
  Square: unary(g.square),
  LeakyRelu: unary((x) => g.leakyRelu(x, 0.1), awayFromZero),
  LeakySlope: unary((x) => g.leakySlope(x, 0.1), awayFromZero),
  Clip: unary((x) => g.clip(x, -0.05, 0.05), awayFromZero),
  WithinBounds: unary((x) => g.withinBounds(x, -0.05, 1e6), awayFromZero),
  Add: binary(g.add),
  Sub: binary(g.sub),
  Mul: binary(g.mul),
  Div: binary(g.div, positive),
  Cast: (random) => ({
    build: ([x]) => g.cast(x, 'float32'),
    feeds: [tensor(random, someDims(random), () => random.integerUpTo(255))],
    dtype: 'uint8',
  }),
  Reshape: (random) => {
    const [a, b, c] = someDims(random, 3) as [number, number, number];
    return { build: ([x]) => g.reshape(x, [c, a * b]), feeds: [tensor(random, [a, b, c])] };
  },
  Transpose: (random) => {
    const dims = someDims(random);
    const order = [...random.permutation(dims.length)];
    return { build: ([x]) => g.transpose(x, order), feeds: [tensor(random, dims)] };
  },
  Expand: (random) => {
    const dims = someDims(random, 3);
    const from = dims.map((dim) => (random.uniform() < 0.5 ? 1 : dim)).slice(random.integerUpTo(2));
    return { build: ([x]) => g.expand(x, dims), feeds: [tensor(random, from)] };
  },
  Slice: (random) => {
    const dims = [between(random, 1, 3), between(random, 4, 9), between(random, 3, 7)];
    const ranges = [1, 2].map((axis) => {
      const start = random.integerUpTo(dims[axis] - 2);
      return { axis, start, end: between(random, start + 1, dims[axis]), step: between(random, 1, 3) };
    });
    return { build: ([x]) => g.sliceRanges(x, ranges), feeds: [tensor(random, dims)] };
  },
  Concat: (random) => {
    const dims = someDims(random, 3);
    const axis = random.integerUpTo(2);
    const parts = [1, 2, 3].map(() => tensor(random, dims.with(axis, between(random, 1, 4))));
    return { build: (inputs) => g.concat(inputs, axis), feeds: parts };
  },
  Pad: (random) => {
    const margins = [0, 2].map((axis) => ({
      axis,
      before: random.integerUpTo(2),
      after: random.integerUpTo(2),
    }));
    return { build: ([x]) => g.padMargins(x, margins), feeds: [tensor(random, someDims(random, 3))] };
  },
  Gather: (random) => {
    const dims = [between(random, 1, 3), between(random, 2, 7), between(random, 2, 7)];
    const axis = between(random, 0, 2);
    const indices = [...random.permutation(dims[axis])].slice(0, between(random, 1, dims[axis]));
    return { build: ([x]) => g.gather(x, axis, indices), feeds: [tensor(random, dims)] };
  },
  ReduceSum: reducing(g.reduceSum),
  ReduceSumSquare: reducing(g.reduceSumSquare),
  MatMul: (random) => {
    const [n, m, k] = someDims(random, 3) as [number, number, number];
    const batch = between(random, 1, 3);
    const [left, right] = random.uniform() < 0.5 ? [[batch], []] : [[], [batch]];
    return {
      build: ([a, b]) => g.matMul(a, b),
      feeds: [tensor(random, [...left, n, k]), tensor(random, [...right, k, m])],
    };
  },
  Conv: (random) => {
    const { geometry, x, w, outputs } = convCase(random);
    const bias = random.uniform() < 0.5 ? [tensor(random, [outputs])] : [];
    return {
      build: ([a, b, c]) => g.conv(a, b, c, geometry),
      feeds: [tensor(random, x), tensor(random, w), ...bias],
    };
  },
  ConvInputGradient: (random) => {
    const { geometry, x, w, y } = convCase(random);
    return {
      build: ([dy, b]) => g.convInputGradient(dy, b, geometry, x),
      feeds: [tensor(random, y), tensor(random, w)],
    };
  },
  ConvWeightGradient: (random) => {
    const { geometry, x, w, y } = convCase(random);
    return {
      build: ([a, dy]) => g.convWeightGradient(a, dy, geometry, w),
      feeds: [tensor(random, x), tensor(random, y)],
    };
  },
  SpatialMap: (random) => {
    // Now and then large enough to be computed as two products instead of one.
    const large = random.uniform() < 0.3 ? 20 : 1;
    const [h, w] = [between(random, 1, 5) * large, between(random, 1, 5)];
    const left = randomMatrix(random, between(random, 1, 6) * large, h);
    const right = randomMatrix(random, between(random, 1, 6) * large, w);
    const others = [between(random, 1, 2), between(random, 1, 3)];
    const first = random.uniform() < 0.5;
    return {
      build: ([x]) => g.spatialMap(x, first ? 0 : 2, left, right),
      feeds: [tensor(random, first ? [h, w, ...others] : [...others, h, w])],
    };
  },
  ResizeImage: (random) => ({
    build: ([x]) => g.resizeImage(x, 6, 9),
    feeds: [
      tensor(random, [1, between(random, 3, 20), between(random, 3, 20), 3], () => random.integerUpTo(255)),
    ],
    dtype: 'uint8',
  }),
};

export const opNames = Object.keys(opCases) as (keyof typeof opCases)[];
export const inputName = (i: number): string => `in${i}`;

/** The op of a case on inputs in0, in1, …, and what to feed them. */
export function caseInputs({ feeds, dtype }: OpCase): {
  readonly nodes: readonly g.Node[];
  readonly named: Readonly<Record<string, g.Float64Tensor>>;
} {
  return {
    nodes: feeds.map(({ dims }, i) => g.input(inputName(i), dims, dtype)),
    named: Object.fromEntries(feeds.map((feed, i) => [inputName(i), feed])),
  };
}
