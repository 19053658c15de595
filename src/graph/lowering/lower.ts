import type { Node } from '../ops.js';
import { memoryNeed } from '../onnx/memory-need.js';
import { rewrite, topologicalOrder, type Program } from '../program.js';
import { layerOf, planConvolution, type ConvolutionChooser } from './convolution-plan.js';
import { lowerWeightGradient, throughNchw } from './direct-convolution.js';
import { simplify } from './simplify.js';
import { lowerSpatialMap } from './spatial-map.js';
import { winogradConv, winogradInputGradient, winogradWeightGradient } from './winograd.js';

export interface LoweringOptions {
  /**
   * How space-major convolutions are computed; default `winograd`, with the tiles that cost least. Grouped convolutions
   * and those in NCHW are always computed directly.
   */
  readonly convolution?: ConvolutionChooser;
  /**
   * Whether weight gradients transform a convolution's input once more instead of keeping it transformed, which takes
   * several times the input's memory. Default: where the program would otherwise need more than 1 GB for values.
   */
  readonly recompute?: boolean;
}

/** Values of a program, in bytes, above which time is given for memory. */
const roomForValues = 1e9;

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

function lowered(program: Program, chooser: ConvolutionChooser, recompute: boolean): Program {
  const convolutions = rewrite(program, (node) => lowerConvolution(node, chooser, recompute));
  // Transforms meet upsampling, and each other across sums, before they are written out as products.
  const merged = simplify(convolutions);
  return simplify(rewrite(merged, (node) => (node.op === 'SpatialMap' ? lowerSpatialMap(node) : node)));
}

/** Lowers every op that has no ONNX form of its own to ops that have one. */
export function lower(
  program: Program,
  { convolution = 'winograd', recompute }: LoweringOptions = {},
): Program {
  const simplified = simplify(program);
  if (recompute !== undefined) return lowered(simplified, convolution, recompute);
  const keeping = lowered(simplified, convolution, false);
  const learns = topologicalOrder(Object.values(simplified)).some(({ op }) => op === 'ConvWeightGradient');
  if (convolution === 'direct' || !learns || memoryNeed(keeping).peak <= roomForValues) return keeping;
  return lowered(simplified, convolution, true);
}
