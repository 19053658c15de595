import { add, matMul, reshape } from '../build.js';
import { isIdentity, kronecker, transposed } from '../matrix.js';
import type { Matrix, Node, NodeOf } from '../ops.js';
import type { WinogradPlan } from './convolution-plan.js';
import { isExchanged, swapLast } from './kernel-weights.js';
import { matrixConstant } from './matrix-constant.js';
import { fromTiles, spots, toTiles } from './tiles.js';

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
  toTiles(x, plan, plan.inputs, plan.down.analysis, plan.across.analysis, again);
const analyseGradient = (dy: Node, plan: WinogradPlan): Node =>
  toTiles(dy, plan, plan.outputs, transposed(plan.down.synthesis), transposed(plan.across.synthesis));

/** y = synthesis((analysis · x) · (kernel · w)) */
export function winogradConv(node: NodeOf<'Conv'>, plan: WinogradPlan): Node {
  const [x, w, bias] = node.inputs as [Node, Node, Node | undefined];
  const products = matMul(analyseInput(x, plan), transformKernel(w, plan, 'forward'));
  const y = fromTiles(products, plan, plan.outputs, plan.down.synthesis, plan.across.synthesis);
  return bias === undefined ? y : add(y, bias);
}

/** dx: the transposed maps, in the reverse order. */
export function winogradInputGradient(node: NodeOf<'ConvInputGradient'>, plan: WinogradPlan): Node {
  const [dy, w] = node.inputs as [Node, Node];
  const products = matMul(analyseGradient(dy, plan), swapLast(transformKernel(w, plan, 'backward')));
  return fromTiles(
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
