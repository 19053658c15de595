import { add, matMul, reduceSum, reshape, transpose } from '../build.js';
import { fixedDims } from '../dims.js';
import { at, matrix, product, transposed } from '../matrix.js';
import type { Matrix, Node } from '../ops.js';
import { lengthBeforeUpsampling, type ConvolutionAxis } from './axis-tiling.js';
import { isExchanged, swapLast } from './kernel-weights.js';
import { fromTiles, rows, spots, toTiles, type TiledAxis, type TiledSides } from './tiles.js';

/**
 * kn2row (Vasudevan, Anderson & Gregg, "Parallel multi-channel convolution using general matrix multiplication", 2017):
 * each tap is multiplied with the whole input, and what it gives is shifted and added. A linear map of the input's
 * positions, as upsampling is, may as well follow the products, so that they meet the smaller map.
 */
export interface Kn2rowPlan extends TiledSides {
  readonly kind: 'kn2row';
  readonly inputs: number;
  readonly outputs: number;
  readonly down: AxisShifts;
  readonly across: AxisShifts;
}

/** One axis: a product of each element with each tap. */
export interface AxisShifts extends TiledAxis {
  /** [output length, taps · length]: shifts what each tap gives, and adds. */
  readonly synthesis: Matrix;
}

export function shiftAxis(axis: ConvolutionAxis): AxisShifts {
  const { length, outputLength, taps, stride, before, upsampling } = axis;
  const multiplied = lengthBeforeUpsampling(axis);
  const shifts = Array.from({ length: taps }, (_, tap) => {
    const shift = matrix(outputLength, length, (out, place) => Number(place === stride * out + tap - before));
    return upsampling === undefined ? shift : product(shift, upsampling);
  });
  return {
    positions: taps,
    tiles: multiplied,
    synthesis: matrix(outputLength, taps * multiplied, (out, column) =>
      at(shifts[Math.floor(column / multiplied)], out, column % multiplied),
    ),
  };
}

/** [kh, kw, C, K] → [taps, C, K] */
function tapsOf(w: Node, plan: Kn2rowPlan): Node {
  const { inputs, outputs } = plan;
  return isExchanged(w)
    ? swapLast(reshape(w.inputs[0], [spots(plan), outputs, inputs]))
    : reshape(w, [spots(plan), inputs, outputs]);
}

/**
 * [H, W, N, C] → [1, W · H · N, C], the rows as tiles have them. The backward pass reorders the input again instead of
 * keeping it; the sides of the transposed tensor make the two differ.
 */
function multipliedRows(x: Node, plan: Kn2rowPlan, pass: 'forward' | 'backward'): Node {
  const swapped =
    pass === 'forward'
      ? transpose(x, [1, 0, 2, 3])
      : transpose(reshape(x, [1, ...fixedDims(x.type.dims, 'Conv')]), [0, 2, 1, 3, 4]);
  return reshape(swapped, [1, rows(plan), plan.inputs]);
}

const gradientOfProducts = (dy: Node, plan: Kn2rowPlan): Node =>
  toTiles(dy, plan, plan.outputs, transposed(plan.down.synthesis), transposed(plan.across.synthesis));

/** y = Σ over taps of shift(x · w[tap]); x as it is before upsampling. */
export function kn2rowConv(x: Node, w: Node, bias: Node | undefined, plan: Kn2rowPlan): Node {
  const products = matMul(multipliedRows(x, plan, 'forward'), tapsOf(w, plan));
  const y = fromTiles(products, plan, plan.outputs, plan.down.synthesis, plan.across.synthesis);
  return bias === undefined ? y : add(y, bias);
}

/** dx = Σ over taps of shiftᵀ(dy) · w[tap]ᵀ, where upsampling was, before it. */
export function kn2rowInputGradient(dy: Node, w: Node, plan: Kn2rowPlan): Node {
  const products = matMul(gradientOfProducts(dy, plan), swapLast(tapsOf(w, plan)));
  const { batch, down, across, inputs } = plan;
  const sums = reshape(reduceSum(products, [0]), [across.tiles, down.tiles, batch, inputs]);
  return transpose(sums, [1, 0, 2, 3]);
}

/** dw[tap] = xᵀ · shiftᵀ(dy) */
export function kn2rowWeightGradient(
  x: Node,
  dy: Node,
  weightDims: readonly number[],
  plan: Kn2rowPlan,
  recompute: boolean,
): Node {
  const input = multipliedRows(x, plan, recompute ? 'backward' : 'forward');
  return reshape(matMul(swapLast(input), gradientOfProducts(dy, plan)), weightDims);
}
