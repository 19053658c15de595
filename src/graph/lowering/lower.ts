import type { Node } from '../ops.js';
import { rewrite, type Program } from '../program.js';
import { layerOf, planConvolution, type ConvolutionChooser } from './convolution-plan.js';
import { lowerWeightGradient, throughNchw } from './direct-convolution.js';
import { rematerialise } from './rematerialise.js';
import { simplify } from './simplify.js';
import { lowerSpatialMap } from './spatial-map.js';
import { tiledMap, untiledMap } from './tiled-map.js';
import { winogradConv, winogradInputGradient, winogradWeightGradient } from './winograd.js';

export interface LoweringOptions {
  /**
   * How space-major convolutions are computed; default `winograd`, with the tiles that cost least. Grouped convolutions
   * and those in NCHW are always computed directly.
   */
  readonly convolution?: ConvolutionChooser;
  /**
   * Whether the backward pass computes element-wise values and transformed inputs of convolutions once more, instead of
   * keeping them from the forward pass; default true, which at maps of 24 takes about half the memory beyond the
   * parameters and little more time (bench/README.md, forecasts).
   */
  readonly recompute?: boolean;
}

function lowerConvolution(node: Node, chooser: ConvolutionChooser, recompute: boolean): Node {
  switch (node.op) {
    case 'Conv': {
      if (node.attributes.layout === 'NCHW') return node;
      const plan = planConvolution(layerOf(node), chooser);
      return plan.kind === 'direct' ? throughNchw(node) : winogradConv(node, plan);
    }
    case 'ConvInputGradient': {
      if (node.attributes.layout === 'NCHW') return node;
      const plan = planConvolution(layerOf(node), chooser);
      return plan.kind === 'direct' ? throughNchw(node) : winogradInputGradient(node, plan);
    }
    case 'ConvWeightGradient': {
      if (node.attributes.layout === 'NCHW') return lowerWeightGradient(node);
      const plan = planConvolution(layerOf(node), chooser);
      return plan.kind === 'direct' ? throughNchw(node) : winogradWeightGradient(node, plan, recompute);
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
  { convolution = 'winograd', recompute = true }: LoweringOptions = {},
): Program {
  const simplified = simplify(program);
  const kept = recompute ? rematerialise(simplified) : simplified;
  const convolutions = rewrite(kept, (node) => lowerConvolution(node, convolution, recompute));
  // Transforms meet upsampling, and each other across sums, before they are written out as products.
  const merged = simplify(convolutions);
  const tiled = rewrite(merged, lowerTiledMap);
  return simplify(rewrite(tiled, (node) => (node.op === 'SpatialMap' ? lowerSpatialMap(node) : node)));
}
