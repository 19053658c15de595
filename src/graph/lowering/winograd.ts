import { add, matMul, reshape, spatialMap, transpose } from '../build.js';
import { permutations } from '../layout.js';
import { isIdentity, kronecker, transposed } from '../matrix.js';
import type { Matrix, Node, NodeOf } from '../ops.js';
import { rows, spots, type WinogradPlan } from './convolution-plan.js';
import { matrixConstant } from './matrix-constant.js';
import { positionsFirst, tilesBeside } from './tiled-map.js';

/** [H, W, N, c] → [positions, tiles · N, c], tiles down within tiles across */
function analyse(
  x: Node,
  plan: WinogradPlan,
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
    across.tiles,
    batch * channels,
  ]);
  return reshape(transpose(split, positionsFirst), [spots(plan), rows(plan), channels]);
}

/** [positions, tiles · N, c] → [H, W, N, c] */
function synthesise(
  products: Node,
  plan: WinogradPlan,
  channels: number,
  downMatrix: Matrix,
  acrossMatrix: Matrix,
): Node {
  const { batch, down, across } = plan;
  const split = reshape(products, [
    down.positions,
    across.positions,
    across.tiles,
    down.tiles,
    batch * channels,
  ]);
  const sides = [down.positions * down.tiles, across.positions * across.tiles, batch, channels];
  return spatialMap(reshape(transpose(split, tilesBeside), sides), 0, downMatrix, acrossMatrix);
}

/** Weights that lie as [kh, kw, K, C]. */
const isExchanged = (w: Node): w is NodeOf<'Transpose'> & Node =>
  w.op === 'Transpose' && w.attributes.permutation.join() === permutations.exchangeChannels.join();

const swapLast = (x: Node): Node => transpose(x, [0, 2, 1]);

/** matrix · x; tiles of one output have an identity, which is left out. */
const timesMatrix = (matrix: Matrix, x: Node): Node =>
  isIdentity(matrix) ? x : matMul(matrixConstant(matrix), x);

/** The kernel transform of both axes at once: [positions, kh · kw]. */
const kernelMatrix = ({ down, across }: WinogradPlan): Matrix => kronecker(down.kernel, across.kernel);

/**
 * [kh, kw, C, K] → [positions, C, K]. The backward pass transforms a kernel again, which is cheap: kept from the
 * forward pass, all transformed kernels would be in memory at once. The axes that `flat` has make the two differ.
 */
function transformKernel(w: Node, plan: WinogradPlan, pass: 'forward' | 'backward'): Node {
  const { kernel, inputs, outputs } = plan;
  if (isExchanged(w))
    return swapLast(transformKernel(w.inputs[0], { ...plan, inputs: outputs, outputs: inputs }, pass));
  const sides = [kernel[0] * kernel[1], inputs * outputs];
  const flat = reshape(w, pass === 'forward' ? sides : [1, ...sides]);
  return reshape(timesMatrix(kernelMatrix(plan), flat), [spots(plan), inputs, outputs]);
}

const analyseInput = (x: Node, plan: WinogradPlan, again = false): Node =>
  analyse(x, plan, plan.inputs, plan.down.analysis, plan.across.analysis, again);
const analyseGradient = (dy: Node, plan: WinogradPlan): Node =>
  analyse(dy, plan, plan.outputs, transposed(plan.down.synthesis), transposed(plan.across.synthesis));

/** y = synthesis((analysis · x) · (kernel · w)) */
export function winogradConv(node: NodeOf<'Conv'>, plan: WinogradPlan): Node {
  const [x, w, bias] = node.inputs as [Node, Node, Node | undefined];
  const products = matMul(analyseInput(x, plan), transformKernel(w, plan, 'forward'));
  const y = synthesise(products, plan, plan.outputs, plan.down.synthesis, plan.across.synthesis);
  return bias === undefined ? y : add(y, bias);
}

/** dx: the transposed maps, in the reverse order. */
export function winogradInputGradient(node: NodeOf<'ConvInputGradient'>, plan: WinogradPlan): Node {
  const [dy, w] = node.inputs as [Node, Node];
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
  plan: WinogradPlan,
  recompute: boolean,
): Node {
  const [x, dy] = node.inputs as [Node, Node];
  const products = matMul(swapLast(analyseInput(x, plan, recompute)), analyseGradient(dy, plan));
  const flat = reshape(products, [spots(plan), plan.inputs * plan.outputs]);
  return reshape(timesMatrix(transposed(kernelMatrix(plan)), flat), node.attributes.weightDims);
}
