import type { Node } from '../ops.js';
import { rewrite, type Program } from '../program.js';
import type { ConvolutionChooser } from './convolution-plan.js';
import { lowerConvolution, lowerUpsampledGradient } from './lower-convolution.js';
import { rematerialise } from './rematerialise.js';
import { simplify } from './simplify.js';
import { lowerSpatialMap } from './spatial-map.js';
import { tiledMap, untiledMap } from './tiled-map.js';

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
  const convolutions = rewrite(joined, (node, original) =>
    lowerConvolution(node, original, convolution, recompute),
  );
  // Transforms of tiles meet upsampling, and each other across sums, before they are written out as products.
  const merged = simplify(convolutions);
  const tiled = rewrite(merged, lowerTiledMap);
  return simplify(rewrite(tiled, (node) => (node.op === 'SpatialMap' ? lowerSpatialMap(node) : node)));
}
