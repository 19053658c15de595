import { fixedDims } from '../dims.js';
import { layoutAxes, weightSides, type Layout } from '../layout.js';
import type { Dim, Dims, Matrix, Node, NodeOf } from '../ops.js';
import { largestTile, tileAxis, type AxisTiling, type ConvolutionAxis } from './axis-tiling.js';
import { shiftAxis, type Kn2rowPlan } from './kn2row.js';
import { cheapestTiles, cheapestWay, type Tile, type ConvolutionCosts } from './convolution-cost.js';
import type { TiledSides } from './tiles.js';
import { possibleTransform } from './winograd-matrices.js';

/**
 * The three ops of a convolution; all of them are computed alike, but for the input gradient where what was upsampled is
 * read by several.
 */
export type ConvolutionOp = 'Conv' | 'ConvInputGradient' | 'ConvWeightGradient';

/** All that decides how a convolution is computed. */
export interface ConvolutionLayer {
  readonly layout: Layout;
  readonly groups: number;
  readonly batch: Dim;
  readonly inputs: number;
  readonly outputs: number;
  readonly down: ConvolutionAxis;
  readonly across: ConvolutionAxis;
}

/**
 * `cheapest` takes what costs least, `winograd` the tiles that do; a tile is so many outputs down and across, whatever it
 * costs.
 */
export type ConvolutionChoice = 'cheapest' | 'direct' | 'kn2row' | 'winograd' | { readonly winograd: Tile };

/** One choice for all convolutions, or one for each. */
export type ConvolutionChooser = ConvolutionChoice | ((layer: ConvolutionLayer) => ConvolutionChoice);

/** What is cheapest by other costs than those of a training step. */
export const cheapestByCosts =
  (costs: ConvolutionCosts): ConvolutionChooser =>
  ({ down, across, batch, inputs, outputs }) => {
    const [samples] = fixedDims([batch], 'Conv');
    return cheapestWay(down, across, { batch: samples, inputs, outputs }, costs);
  };

/** A space-major convolution as Winograd products: its sides and the tiling of both axes. */
export interface WinogradPlan extends TiledSides {
  readonly kind: 'winograd';
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly tile: Tile;
  readonly down: AxisTiling;
  readonly across: AxisTiling;
}

/** `direct`: ONNX Runtime's own convolution, in NCHW. */
export type ConvolutionPlan = WinogradPlan | Kn2rowPlan | { readonly kind: 'direct' };

/** Input, output and weights of the convolution that an op belongs to. */
function dimsOf(node: NodeOf<ConvolutionOp> & Node): readonly [x: Dims, y: Dims, w: Dims] {
  const [a, b] = node.inputs.map(({ type }) => type.dims);
  switch (node.op) {
    case 'Conv':
      return [a, node.type.dims, b];
    case 'ConvInputGradient':
      return [node.attributes.inputDims, a, b];
    case 'ConvWeightGradient':
      return [a, b, node.attributes.weightDims];
  }
}

/** Whether a value is a linear map of a space-major map's positions; of those that a program has before it is lowered: upsampling. */
export const isUpsampled = (x: Node): x is NodeOf<'SpatialMap'> & Node =>
  x.op === 'SpatialMap' && x.attributes.axis === layoutAxes.HWNC.height;

/** What the convolution's input was upsampled by; an input gradient does not tell. */
export function upsamplingOf(node: NodeOf<ConvolutionOp> & Node): UpsamplingMatrices | undefined {
  const x = node.op === 'ConvInputGradient' ? undefined : node.inputs[0];
  if (x === undefined || node.attributes.layout !== 'HWNC' || !isUpsampled(x)) return undefined;
  return [x.attributes.left, x.attributes.right];
}

/** Of both axes. */
export type UpsamplingMatrices = readonly [down: Matrix, across: Matrix];

/**
 * @param upsampling what the input was upsampled by, where the node does not read it
 * @throws TypeError where another side than the batch is no number
 */
export function layerOf(
  node: NodeOf<ConvolutionOp> & Node,
  upsampling: UpsamplingMatrices | undefined = upsamplingOf(node),
): ConvolutionLayer {
  const { layout, groups, strides, pads } = node.attributes;
  const [x, y, w] = dimsOf(node);
  const axes = layoutAxes[layout];
  const { inputs, outputs, height, width } = weightSides(layout, fixedDims(w, node.op));
  const axis = (place: number, taps: number, which: 0 | 1): ConvolutionAxis => {
    const [length, outputLength] = fixedDims([x[place], y[place]], node.op);
    const sides = { length, outputLength, taps, stride: strides[which], before: pads[which] };
    return upsampling === undefined ? sides : { ...sides, upsampling: upsampling[which] };
  };
  return {
    layout,
    groups,
    batch: x[axes.batch],
    inputs,
    outputs,
    down: axis(axes.height, height, 0),
    across: axis(axes.width, width, 1),
  };
}

function checkTile({ down, across }: ConvolutionLayer, tile: Tile): Tile {
  const [most, mostAcross] = [down, across].map((axis) => largestTile(axis, possibleTransform));
  const fits = (side: number, largest: number): boolean =>
    Number.isInteger(side) && side >= 1 && side <= largest;
  if (fits(tile[0], most) && fits(tile[1], mostAcross)) return tile;
  throw new RangeError(
    `Winograd F(${tile.join('×')}, ${down.taps}×${across.taps}) with stride ${down.stride}×${across.stride}: ` +
      `expected a tile of 1 to ${most} outputs down and 1 to ${mostAcross} across, got ${tile.join('×')}`,
  );
}

/**
 * How a convolution and its gradients are computed. Grouped convolutions and those in NCHW are always direct.
 * @throws RangeError for a tile that has no transform
 */
export function planConvolution(layer: ConvolutionLayer, chooser: ConvolutionChooser): ConvolutionPlan {
  if (layer.layout === 'NCHW' || layer.groups !== 1) return { kind: 'direct' };
  const { inputs, outputs, down, across } = layer;
  const [batch] = fixedDims([layer.batch], 'Conv');
  const sides = { batch, inputs, outputs };
  const chosen = typeof chooser === 'function' ? chooser(layer) : chooser;
  const choice = chosen === 'cheapest' ? cheapestWay(down, across, sides) : chosen;
  if (choice === 'direct') return { kind: 'direct' };
  if (choice === 'kn2row') {
    return { kind: 'kn2row', ...sides, down: shiftAxis(down), across: shiftAxis(across) };
  }
  const tile = choice === 'winograd' ? cheapestTiles(down, across, sides) : checkTile(layer, choice.winograd);
  return {
    kind: 'winograd',
    ...sides,
    kernel: [down.taps, across.taps],
    tile,
    down: tileAxis(down, tile[0]),
    across: tileAxis(across, tile[1]),
  };
}
