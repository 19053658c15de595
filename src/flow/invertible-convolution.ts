import {
  add,
  constant,
  conv,
  exp,
  matMul,
  mul,
  neg,
  reduceSum,
  reshape,
  scale,
  transpose,
  type Layout,
  type Node,
} from '../graph/index.js';
import { floatTensor, type FloatTensor } from '../tensor/tensor.js';
import { positionsOf } from './branch.js';
import type { InvertibleModule } from './invertible.js';
import { luDecomposition } from './lu-decomposition.js';
import { invertUnitLower, invertUnitUpper } from './triangular.js';

/** The learned part of W = P · L · (U + diag(signs · exp(logDiagonal))); only the strict triangles are read. */
export interface LuFactors {
  /** [C, C], below the diagonal. */
  readonly lower: Node;
  /** [C, C], above the diagonal. */
  readonly upper: Node;
  /** [C] */
  readonly logDiagonal: Node;
}

/** Where an invertible 1×1 convolution starts: what stays fixed, and the starting values of what is learned. */
export interface LuStart {
  readonly channels: number;
  /** Row i of P · M is row `order[i]` of M. */
  readonly order: Int32Array;
  readonly signs: Float32Array;
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  readonly logDiagonal: Float32Array;
}

/** @param matrix an invertible [C, C], such as a rotation */
export function luStart(matrix: Float64Array, channels: number): LuStart {
  const { order, lower, upper, diagonal } = luDecomposition(matrix, channels);
  return {
    channels,
    order,
    lower: Float32Array.from(lower),
    upper: Float32Array.from(upper),
    signs: Float32Array.from(diagonal, Math.sign),
    logDiagonal: Float32Array.from(diagonal, (value) => Math.log(Math.abs(value))),
  };
}

function square(channels: number, value: (row: number, column: number) => number): FloatTensor {
  const data = Float32Array.from({ length: channels * channels }, (_, i) =>
    value(Math.floor(i / channels), i % channels),
  );
  return floatTensor([channels, channels], data);
}

/**
 * The same invertible matrix at every position, learned as its LU decomposition (Kingma & Dhariwal, 2018, §3.2, eq. 10–11):
 * y = W x, log-det = positions · Σ logDiagonal.
 */
export function invertibleConvolution(
  { channels, order, signs }: LuStart,
  factors: LuFactors,
  layout: Layout = 'NCHW',
): InvertibleModule {
  const identity = constant(square(channels, (row, column) => Number(row === column)));
  const strict = (matrix: Node, keeps: (row: number, column: number) => boolean): Node =>
    mul(matrix, constant(square(channels, (row, column) => Number(keeps(row, column)))));
  const below = strict(factors.lower, (row, column) => row > column);
  const above = strict(factors.upper, (row, column) => row < column);
  const diagonal = mul(exp(factors.logDiagonal), constant(floatTensor([channels], signs)));
  const permutation = constant(square(channels, (row, column) => Number(order[row] === column)));
  const asColumn = (values: Node): Node => reshape(values, [channels, 1]);

  const weight = (): Node => {
    const upper = add(above, mul(identity, asColumn(diagonal)));
    return matMul(matMul(permutation, add(below, identity)), upper);
  };
  // (U + diag d)⁻¹ = (I + diag(d)⁻¹ U)⁻¹ · diag(d)⁻¹, and P⁻¹ = Pᵀ.
  const inverseWeight = (): Node => {
    const reciprocal = mul(exp(neg(factors.logDiagonal)), constant(floatTensor([channels], signs)));
    const unitUpper = add(identity, mul(above, asColumn(reciprocal)));
    const upperInverse = mul(invertUnitUpper(unitUpper), reshape(reciprocal, [1, channels]));
    const lowerInverse = invertUnitLower(add(below, identity));
    return matMul(matMul(upperInverse, lowerInverse), transpose(permutation, [1, 0]));
  };
  const logDet = (x: Node): Node => scale(reduceSum(factors.logDiagonal, [0]), positionsOf(x, layout));
  return {
    forward: (inputs) => ({
      outputs: inputs.map((x) => applied(x, weight(), layout)),
      logDets: inputs.map(logDet),
    }),
    inverse: (outputs) => ({
      outputs: outputs.map((y) => applied(y, inverseWeight(), layout)),
      logDets: outputs.map((y) => neg(logDet(y))),
    }),
  };
}

/** W times the channels at every position. */
function applied(x: Node, weight: Node, layout: Layout): Node {
  if (x.type.dims.length === 2 || layout === 'HWNC') return matMul(x, transpose(weight, [1, 0]));
  const [outputs, inputs] = weight.type.dims;
  const kernel = reshape(weight, [outputs, inputs, 1, 1]);
  return conv(x, kernel, undefined, { strides: [1, 1], pads: [0, 0, 0, 0], groups: 1, layout });
}
