import type { Dtype, Tensor } from '../tensor/tensor.js';
import type { Layout } from './layout.js';

/** A side length: a number, or the name of one that is known only when the program runs (`N`). */
export type Dim = number | string;
export type Dims = readonly Dim[];

export interface TensorType {
  readonly dtype: Dtype;
  readonly dims: Dims;
}

type None = Readonly<Record<never, never>>;

/** Geometry of a convolution; strides are down, across, pads top, left, bottom, right. */
export interface ConvGeometry {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly groups: number;
  readonly layout: Layout;
}

/** Elements `start, start + step, …` below `end` of one axis. */
export interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Zeros before and after the elements of one axis. */
export interface AxisMargin {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/** A dense [rows, columns] matrix that stands in the program as a constant. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export interface SpatialMapAttributes {
  readonly axis: number;
  readonly left: Matrix;
  readonly right: Matrix;
  /** Computed apart from an equal map, which would otherwise be computed once and kept until the last use. */
  readonly again?: boolean;
}

/**
 * Every op of the program with its attributes. Names are ONNX's where ONNX has the op; inputs are listed in
 * `shape-inference.ts`, derivatives in `gradients/`, their ONNX form in `onnx/emission.ts`.
 */
export interface OpAttributes {
  Input: { readonly name: string; readonly type: TensorType };
  /** `name`: of the initializer where the program is written; left out: a number. */
  Constant: { readonly value: Tensor; readonly name?: string };

  Neg: None;
  Exp: None;
  Log: None;
  Sqrt: None;
  Atan: None;
  Tanh: None;
  Sigmoid: None;
  Square: None;
  LeakyRelu: { readonly alpha: number };
  /** 1 where x > 0, else alpha: the derivative of LeakyRelu. */
  LeakySlope: { readonly alpha: number };
  Clip: { readonly min: number; readonly max: number };
  /** 1 where min ≤ x ≤ max, else 0: the derivative of Clip. */
  WithinBounds: { readonly min: number; readonly max: number };

  Add: None;
  Sub: None;
  Mul: None;
  Div: None;

  Cast: { readonly to: Dtype };
  Reshape: { readonly dims: Dims };
  Transpose: { readonly permutation: readonly number[] };
  Expand: { readonly dims: Dims };
  Slice: { readonly ranges: readonly AxisRange[] };
  Concat: { readonly axis: number };
  Pad: { readonly margins: readonly AxisMargin[] };
  Gather: { readonly axis: number; readonly indices: readonly number[] };

  ReduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  ReduceSumSquare: { readonly axes: readonly number[]; readonly keepDims: boolean };

  MatMul: None;
  Conv: ConvGeometry;
  /** The gradient of Conv with respect to x, from (dy, w). */
  ConvInputGradient: ConvGeometry & { readonly inputDims: Dims };
  /** The gradient of Conv with respect to w, from (x, dy). */
  ConvWeightGradient: ConvGeometry & { readonly weightDims: readonly number[] };
  /** `left` along the first of two neighbouring axes, `right` along the second: any separable linear map of a feature map. */
  SpatialMap: SpatialMapAttributes;
  /** uint8 [N, H, W, C] to uint8 [N, height, width, C]: bilinear, antialiased, as PIL's BILINEAR. */
  ResizeImage: { readonly height: number; readonly width: number };
}

export type OpName = keyof OpAttributes;

export type NodeOf<K extends OpName> = {
  readonly op: K;
  readonly attributes: OpAttributes[K];
  readonly inputs: readonly Node[];
  readonly type: TensorType;
};

/** One value of the program, with the op that computes it. Nodes are never changed once made. */
export type Node = { [K in OpName]: NodeOf<K> }[OpName];
