import { transposed } from '../matrix.js';
import type { Node } from '../ops.js';
import { rewrite, type Program } from '../program.js';
import { isUpsampled, layerOf, planConvolution, type ConvolutionChooser } from './convolution-plan.js';
import { lowerWeightGradient, throughNchw } from './direct-convolution.js';
import { kn2rowConv, kn2rowInputGradient, kn2rowWeightGradient } from './kn2row.js';
import { rematerialise } from './rematerialise.js';
import { simplify } from './simplify.js';
import { lowerSpatialMap } from './spatial-map.js';
import { tiledMap, untiledMap } from './tiled-map.js';
import { winogradConv, winogradInputGradient, winogradWeightGradient } from './winograd.js';

export interface LoweringOptions {
  /**
   * How space-major convolutions are computed; default `cheapest`. Grouped convolutions and those in NCHW are always
   * computed directly.
   */
  readonly convolution?: ConvolutionChooser;
  /**
   * Whether the backward pass computes element-wise values and transformed inputs of convolutions once more, instead of
   * keeping them from the forward pass; default true, which at maps of 24 takes about half the memory beyond the
   * parameters and little more time (bench/README.md, forecasts).
   */
  readonly recompute?: boolean;
}

/** What a convolution by kn2row multiplies: its input, before upsampling. */
const beforeUpsampling = (x: Node): Node => (isUpsampled(x) ? x.inputs[0] : x);

/** Upsampling's transpose after a convolution's input gradient, where kn2row computes both at once. */
function lowerUpsampledGradient(node: Node, chooser: ConvolutionChooser): Node {
  if (!isUpsampled(node)) return node;
  const [gradient] = node.inputs;
  if (gradient.op !== 'ConvInputGradient' || gradient.attributes.layout !== 'HWNC') return node;
  const { left, right } = node.attributes;
  const plan = planConvolution(layerOf(gradient, [transposed(left), transposed(right)]), chooser);
  if (plan.kind !== 'kn2row') return node;
  const [dy, w] = gradient.inputs as [Node, Node];
  return kn2rowInputGradient(dy, w, plan);
}

function lowerConvolution(node: Node, chooser: ConvolutionChooser, recompute: boolean): Node {
  switch (node.op) {
    case 'Conv': {
      if (node.attributes.layout === 'NCHW') return node;
      const plan = planConvolution(layerOf(node), chooser);
      const [x, w, bias] = node.inputs as [Node, Node, Node | undefined];
      switch (plan.kind) {
        case 'direct':
          return throughNchw(node);
        case 'kn2row':
          return kn2rowConv(beforeUpsampling(x), w, bias, plan);
        case 'winograd':
          return winogradConv(node, plan);
      }
    }
    // The cases above return.
    case 'ConvInputGradient': {
      if (node.attributes.layout === 'NCHW') return node;
      const plan = planConvolution(layerOf(node), chooser);
      const [dy, w] = node.inputs as [Node, Node];
      switch (plan.kind) {
        case 'direct':
          return throughNchw(node);
        case 'kn2row':
          return kn2rowInputGradient(dy, w, plan);
        case 'winograd':
          return winogradInputGradient(node, plan);
      }
    }
    case 'ConvWeightGradient': {
      if (node.attributes.layout === 'NCHW') return lowerWeightGradient(node);
      const plan = planConvolution(layerOf(node), chooser);
      const [x, dy] = node.inputs as [Node, Node];
      switch (plan.kind) {
        case 'direct':
          return throughNchw(node);
        case 'kn2row':
          return kn2rowWeightGradient(beforeUpsampling(x), dy, node.attributes.weightDims, plan, recompute);
        case 'winograd':
          return winogradWeightGradient(node, plan, recompute);
      }
    }
    default:
      return node;
  }
}

function lowerTiledMap(node: Node): Node {
  if (node.op === 'Transpose') return tiledMap(node);
  return node.op === 'SpatialMap' ? untiledMap(node) : node;
}

/** Lowers every op that has no ONNX form of its own to ops that have one. */
export function lower(
  program: Program,
  { convolution = 'cheapest', recompute = true }: LoweringOptions = {},
): Program {
  const simplified = simplify(program);
  const kept = recompute ? rematerialise(simplified) : simplified;
  const joined = rewrite(kept, (node) => lowerUpsampledGradient(node, convolution));
  const convolutions = rewrite(joined, (node) => lowerConvolution(node, convolution, recompute));
  // Transforms meet upsampling, and each other across sums, before they are written out as products.
  const merged = simplify(convolutions);
  const tiled = rewrite(merged, lowerTiledMap);
  return simplify(rewrite(tiled, (node) => (node.op === 'SpatialMap' ? lowerSpatialMap(node) : node)));
}
