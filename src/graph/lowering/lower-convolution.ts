import { transposed } from '../matrix.js';
import type { Node, NodeOf } from '../ops.js';
import {
  isUpsampled,
  layerOf,
  planConvolution,
  upsamplingOf,
  type ConvolutionChooser,
  type ConvolutionOp,
  type WinogradPlan,
} from './convolution-plan.js';
import { lowerWeightGradient, throughNchw } from './direct-convolution.js';
import { kn2rowConv, kn2rowInputGradient, kn2rowWeightGradient, type Kn2rowPlan } from './kn2row.js';
import { winogradConv, winogradInputGradient, winogradWeightGradient } from './winograd.js';

type Convolution = NodeOf<ConvolutionOp> & Node;

const isConvolution = (node: Node): node is Convolution =>
  node.op === 'Conv' || node.op === 'ConvInputGradient' || node.op === 'ConvWeightGradient';

/** @param upsampled whether the input was: what is multiplied is then what was upsampled */
function byKn2row(node: Convolution, upsampled: boolean, plan: Kn2rowPlan, recompute: boolean): Node {
  const [a, b, bias] = node.inputs as [Node, Node, Node | undefined];
  const multiplied = upsampled ? a.inputs[0] : a;
  switch (node.op) {
    case 'Conv':
      return kn2rowConv(multiplied, b, bias, plan);
    case 'ConvInputGradient':
      return kn2rowInputGradient(a, b, plan);
    case 'ConvWeightGradient':
      return kn2rowWeightGradient(multiplied, b, node.attributes.weightDims, plan, recompute);
  }
}

function byWinograd(node: Convolution, plan: WinogradPlan, recompute: boolean): Node {
  switch (node.op) {
    case 'Conv':
      return winogradConv(node, plan);
    case 'ConvInputGradient':
      return winogradInputGradient(node, plan);
    case 'ConvWeightGradient':
      return winogradWeightGradient(node, plan, recompute);
  }
}

/**
 * A convolution, or one of its gradients, as it is planned; any other node as it is.
 * @param original the node before its inputs were lowered, by which it is planned: a lowered convolution ends in a map
 * that is no upsampling
 */
export function lowerConvolution(
  node: Node,
  original: Node,
  chooser: ConvolutionChooser,
  recompute: boolean,
): Node {
  if (!isConvolution(node) || !isConvolution(original)) return node;
  if (node.attributes.layout === 'NCHW') {
    return node.op === 'ConvWeightGradient' ? lowerWeightGradient(node) : node;
  }
  const plan = planConvolution(layerOf(original), chooser);
  switch (plan.kind) {
    case 'direct':
      return throughNchw(node);
    case 'kn2row':
      return byKn2row(node, upsamplingOf(original) !== undefined, plan, recompute);
    case 'winograd':
      return byWinograd(node, plan, recompute);
  }
}

/**
 * The input gradient of a convolution and upsampling's transpose after it, where kn2row computes both at once. The
 * convolution alone does not tell that its input was upsampled, so this comes before `lowerConvolution`.
 */
export function lowerUpsampledGradient(node: Node, chooser: ConvolutionChooser): Node {
  if (!isUpsampled(node)) return node;
  const [gradient] = node.inputs;
  if (gradient.op !== 'ConvInputGradient' || gradient.attributes.layout !== 'HWNC') return node;
  const { left, right } = node.attributes;
  const plan = planConvolution(layerOf(gradient, [transposed(left), transposed(right)]), chooser);
  if (plan.kind !== 'kn2row') return node;
  const [dy, w] = gradient.inputs as [Node, Node];
  return kn2rowInputGradient(dy, w, plan);
}
