import type { Node } from '../ops.js';
import { memoryNeed } from '../onnx/memory-need.js';
import { rewrite, topologicalOrder, type Program } from '../program.js';
import { lowerWeightGradient, throughNchw } from './direct-convolution.js';
import { simplify } from './simplify.js';
import { lowerSpatialMap } from './spatial-map.js';
import { winogradConv, winogradInputGradient, winogradWeightGradient } from './winograd.js';

export interface LoweringOptions {
  /**
   * How space-major convolutions are computed; default `winograd`, which falls back to `direct` where a kernel has
   * no tiling. Convolutions in NCHW are always computed directly.
   */
  readonly convolution?: 'direct' | 'winograd';
  /**
   * Whether weight gradients transform a convolution's input once more instead of keeping it transformed, which takes
   * several times the input's memory. Default: where the program would otherwise need more than 1 GB for values.
   */
  readonly recompute?: boolean;
}

/** Values of a program, in bytes, above which time is given for memory. */
const roomForValues = 1e9;

function lowerConvolution(node: Node, winograd: boolean, recompute: boolean): Node {
  switch (node.op) {
    case 'Conv':
      if (node.attributes.layout === 'NCHW') return node;
      return (winograd ? winogradConv(node) : undefined) ?? throughNchw(node);
    case 'ConvInputGradient':
      if (node.attributes.layout === 'NCHW') return node;
      return (winograd ? winogradInputGradient(node) : undefined) ?? throughNchw(node);
    case 'ConvWeightGradient':
      if (node.attributes.layout === 'NCHW') return lowerWeightGradient(node);
      return (winograd ? winogradWeightGradient(node, recompute) : undefined) ?? throughNchw(node);
    default:
      return node;
  }
}

function lowered(program: Program, winograd: boolean, recompute: boolean): Program {
  const convolutions = rewrite(program, (node) => lowerConvolution(node, winograd, recompute));
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
  const winograd = convolution === 'winograd';
  if (recompute !== undefined) return lowered(simplified, winograd, recompute);
  const keeping = lowered(simplified, winograd, false);
  const learns = topologicalOrder(Object.values(simplified)).some(({ op }) => op === 'ConvWeightGradient');
  if (!winograd || !learns || memoryNeed(keeping).peak <= roomForValues) return keeping;
  return lowered(simplified, winograd, true);
}
