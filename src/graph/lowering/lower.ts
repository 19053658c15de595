import type { Node } from '../ops.js';
import { rewrite, type Program } from '../program.js';
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
}

function lowerConvolution(node: Node, winograd: boolean): Node {
  switch (node.op) {
    case 'Conv':
      if (node.attributes.layout === 'NCHW') return node;
      return (winograd ? winogradConv(node) : undefined) ?? throughNchw(node);
    case 'ConvInputGradient':
      if (node.attributes.layout === 'NCHW') return node;
      return (winograd ? winogradInputGradient(node) : undefined) ?? throughNchw(node);
    case 'ConvWeightGradient':
      if (node.attributes.layout === 'NCHW') return lowerWeightGradient(node);
      return (winograd ? winogradWeightGradient(node) : undefined) ?? throughNchw(node);
    default:
      return node;
  }
}

/** Lowers every op that has no ONNX form of its own to ops that have one. */
export function lower(program: Program, { convolution = 'winograd' }: LoweringOptions = {}): Program {
  const convolutions = rewrite(simplify(program), (node) =>
    lowerConvolution(node, convolution === 'winograd'),
  );
  // Transforms meet upsampling, and each other across sums, before they are written out as products.
  const merged = simplify(convolutions);
  return simplify(rewrite(merged, (node) => (node.op === 'SpatialMap' ? lowerSpatialMap(node) : node)));
}
