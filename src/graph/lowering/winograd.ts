import { add, matMul, reshape, spatialMap, transpose } from '../build.js';
import { fixedDims } from '../dims.js';
import { kronecker, transposed } from '../matrix.js';
import type { ConvGeometry, Matrix, Node, NodeOf } from '../ops.js';
import { matrixConstant } from './matrix-constant.js';
import { tileAxis, type AxisTiling, type ConvolutionAxis } from './axis-tiling.js';
import { cheapestTiles } from './tile-choice.js';

/** A space-major convolution as Winograd products: its sides and the tiling of both axes. */
interface Plan {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly down: AxisTiling;
  readonly across: AxisTiling;
}

/** @param x dims of the input [H, W, N, C]; y of the output; w [kh, kw, C, K] */
function planOf(x: readonly number[], y: readonly number[], w: readonly number[], geometry: ConvGeometry) {
  if (geometry.groups !== 1) return undefined;
  const [down, across] = [0, 1].map((axis) => ({
    length: x[axis],
    outputLength: y[axis],
    taps: w[axis],
    stride: geometry.strides[axis],
    before: geometry.pads[axis],
  })) as [ConvolutionAxis, ConvolutionAxis];
  const sides = { batch: x[2], inputs: w[2], outputs: w[3] };
  const [tileDown, tileAcross] = cheapestTiles(down, across, sides);
  const plan: Plan = {
    ...sides,
    kernel: [w[0], w[1]],
    down: tileAxis(down, tileDown),
    across: tileAxis(across, tileAcross),
  };
  return plan;
}

/** Positions that are multiplied independently: the batch of the one product. */
const spots = ({ down, across }: Plan): number => down.positions * across.positions;
/** Rows of that product: every tile of every sample. */
const rows = ({ batch, down, across }: Plan): number => down.tiles * across.tiles * batch;

/** [H, W, N, c] → [positions, tiles · N, c] */
function analyse(
  x: Node,
  plan: Plan,
  channels: number,
  downMatrix: Matrix,
  acrossMatrix: Matrix,
  again = false,
): Node {
  const { batch, down, across } = plan;
  const mapped = spatialMap(x, 0, downMatrix, acrossMatrix, again);
  const split = reshape(mapped, [
    down.positions,
    down.tiles,
    across.positions,
    across.tiles * batch * channels,
  ]);
  return reshape(transpose(split, [0, 2, 1, 3]), [spots(plan), rows(plan), channels]);
}

/** [positions, tiles · N, c] → [H, W, N, c] */
function synthesise(
  products: Node,
  plan: Plan,
  channels: number,
  downMatrix: Matrix,
  acrossMatrix: Matrix,
): Node {
  const { batch, down, across } = plan;
  const split = reshape(products, [
    down.positions,
    across.positions,
    down.tiles,
    across.tiles * batch * channels,
  ]);
  const sides = [down.positions * down.tiles, across.positions * across.tiles, batch, channels];
  return spatialMap(reshape(transpose(split, [0, 2, 1, 3]), sides), 0, downMatrix, acrossMatrix);
}

const swapLast = (x: Node): Node => transpose(x, [0, 2, 1]);

/** The kernel transform of both axes at once: [positions, kh · kw]. */
const kernelMatrix = ({ down, across }: Plan): Matrix => kronecker(down.kernel, across.kernel);

/**
 * [kh, kw, C, K] → [positions, C, K]. The backward pass transforms a kernel again, which is cheap: kept from the
 * forward pass, all transformed kernels would be in memory at once. The axes that `flat` has make the two differ.
 */
function transformKernel(w: Node, plan: Plan, pass: 'forward' | 'backward'): Node {
  const { kernel, inputs, outputs } = plan;
  const sides = [kernel[0] * kernel[1], inputs * outputs];
  const flat = reshape(w, pass === 'forward' ? sides : [1, ...sides]);
  return reshape(matMul(matrixConstant(kernelMatrix(plan)), flat), [spots(plan), inputs, outputs]);
}

const analyseInput = (x: Node, plan: Plan, again = false): Node =>
  analyse(x, plan, plan.inputs, plan.down.analysis, plan.across.analysis, again);
const analyseGradient = (dy: Node, plan: Plan): Node =>
  analyse(dy, plan, plan.outputs, transposed(plan.down.synthesis), transposed(plan.across.synthesis));

/** y = synthesis((analysis · x) · (kernel · w)) */
export function winogradConv(node: NodeOf<'Conv'>): Node | undefined {
  const [x, w, bias] = node.inputs as [Node, Node, Node | undefined];
  const dims = [x, node, w].map(({ type }) => fixedDims(type.dims, 'Conv'));
  const plan = planOf(dims[0], dims[1], dims[2], node.attributes);
  if (plan === undefined) return undefined;
  const products = matMul(analyseInput(x, plan), transformKernel(w, plan, 'forward'));
  const y = synthesise(products, plan, plan.outputs, plan.down.synthesis, plan.across.synthesis);
  return bias === undefined ? y : add(y, bias);
}

/** dx: the transposed maps, in the reverse order. */
export function winogradInputGradient(node: NodeOf<'ConvInputGradient'>): Node | undefined {
  const [dy, w] = node.inputs as [Node, Node];
  const dims = [node, dy, w].map(({ type }) => fixedDims(type.dims, 'ConvInputGradient'));
  const plan = planOf(dims[0], dims[1], dims[2], node.attributes);
  if (plan === undefined) return undefined;
  const products = matMul(analyseGradient(dy, plan), swapLast(transformKernel(w, plan, 'backward')));
  return synthesise(
    products,
    plan,
    plan.inputs,
    transposed(plan.down.analysis),
    transposed(plan.across.analysis),
  );
}

/**
 * dw = kernelᵀ · ((analysis · x)ᵀ · (synthesisᵀ · dy))
 * @param recompute whether x is transformed once more, instead of kept as the forward pass transformed it
 */
export function winogradWeightGradient(
  node: NodeOf<'ConvWeightGradient'>,
  recompute: boolean,
): Node | undefined {
  const [x, dy] = node.inputs as [Node, Node];
  const { weightDims } = node.attributes;
  const dims = [x, dy].map(({ type }) => fixedDims(type.dims, 'ConvWeightGradient'));
  const plan = planOf(dims[0], dims[1], weightDims, node.attributes);
  if (plan === undefined) return undefined;
  const products = matMul(swapLast(analyseInput(x, plan, recompute)), analyseGradient(dy, plan));
  const flat = reshape(products, [spots(plan), plan.inputs * plan.outputs]);
  return reshape(matMul(matrixConstant(transposed(kernelMatrix(plan))), flat), weightDims);
}
