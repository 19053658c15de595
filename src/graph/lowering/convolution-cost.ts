import {
  lengthBeforeUpsampling,
  positionsOf,
  possibleTiles,
  tilesOf,
  type ConvolutionAxis,
} from './axis-tiling.js';

/** Outputs that are computed together. */
export type Tile = readonly [down: number, across: number];

/** Sides of the products of a convolution. */
export interface ProductSides {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What a convolution and its two gradients are made of, each a number of values. */
export interface ConvolutionWork {
  /** Multiplications of the three products. */
  readonly products: number;
  /** Values that are transformed: of the input to tiles, of tiles to the output, and both back. */
  readonly data: number;
  /** Values of the kernel that the products read. */
  readonly weights: number;
  /** Of these, the ones that a transform makes. */
  readonly transformedKernel: number;
  /** The same for each tap that they are made of. */
  readonly kernelTaps: number;
}

/** What each value costs, in multiplications of a product. */
export type ConvolutionCosts = Readonly<Record<Exclude<keyof ConvolutionWork, 'products'>, number>>;

/** Fitted to the kernels of ONNX Runtime; `bench/fit-convolution-costs.mjs` fits them anew. */
export const convolutionCosts: ConvolutionCosts = {
  data: 30,
  weights: 30,
  transformedKernel: 60,
  kernelTaps: 2.2,
};

const over = (axes: readonly ConvolutionAxis[], of: (axis: ConvolutionAxis, i: number) => number): number =>
  axes.reduce((all, axis, i) => all * of(axis, i), 1);

/** @param sharedOutputs whether another convolution of the same tiles transforms the outputs anyway */
export function tileWork(
  axes: readonly ConvolutionAxis[],
  tile: Tile,
  { batch, inputs, outputs }: ProductSides,
  sharedOutputs = false,
): ConvolutionWork {
  const positions = over(axes, (axis, i) => positionsOf(axis, tile[i]));
  const rows = over(axes, (axis, i) => tilesOf(axis, tile[i])) * batch;
  const weights = positions * inputs * outputs;
  // A tile of one output takes the kernel as it is.
  const isTransformed = tile.some((side) => side > 1);
  const transformedKernel = isTransformed ? weights : 0;
  return {
    products: 3 * weights * rows,
    data: 2 * positions * rows * (sharedOutputs ? inputs : inputs + outputs),
    weights,
    transformedKernel,
    kernelTaps: transformedKernel * over(axes, ({ taps }) => taps),
  };
}

/**
 * Inputs are read as they are; their gradient is a sum over the taps, one pass where a transform takes about four. What
 * is shifted costs twice as much as a tile's output, since in a whole flow no other convolution shares its shifts.
 */
export function kn2rowWork(
  axes: readonly ConvolutionAxis[],
  { batch, inputs, outputs }: ProductSides,
): ConvolutionWork {
  const positions = over(axes, ({ taps }) => taps);
  const rows = over(axes, lengthBeforeUpsampling) * batch;
  const weights = positions * inputs * outputs;
  return {
    products: 3 * weights * rows,
    data: positions * rows * (inputs / 4 + 4 * outputs),
    weights,
    transformedKernel: 0,
    kernelTaps: 0,
  };
}

export const costOf = (work: ConvolutionWork, costs: ConvolutionCosts = convolutionCosts): number =>
  work.products +
  costs.data * work.data +
  costs.weights * work.weights +
  costs.transformedKernel * work.transformedKernel +
  costs.kernelTaps * work.kernelTaps;

/** The outputs of a tile along both axes that make a convolution cheapest. */
export function cheapestTiles(
  down: ConvolutionAxis,
  across: ConvolutionAxis,
  sides: ProductSides,
  costs: ConvolutionCosts = convolutionCosts,
): Tile {
  const choices = possibleTiles(down).flatMap((d) => possibleTiles(across).map((a) => [d, a] as const));
  const all = choices.map((tile) => costOf(tileWork([down, across], tile, sides), costs));
  return choices[all.indexOf(Math.min(...all))];
}

/**
 * The cheapest tiles, or kn2row where that costs less. What was upsampled is taken to be added to the convolution of a
 * map of that size, as in CS-Flow: with its tiles it shares the transforms of the outputs.
 */
export function cheapestWay(
  down: ConvolutionAxis,
  across: ConvolutionAxis,
  sides: ProductSides,
  costs: ConvolutionCosts = convolutionCosts,
): 'kn2row' | { readonly winograd: Tile } {
  const axes = [down, across];
  const winograd = cheapestTiles(down, across, sides, costs);
  const isUpsampled = axes.some(({ upsampling }) => upsampling !== undefined);
  // One tap is the same product either way.
  if (!isUpsampled && over(axes, ({ taps }) => taps) === 1) return { winograd };
  const byTiles = costOf(tileWork(axes, winograd, sides, isUpsampled), costs);
  return costOf(kn2rowWork(axes, sides), costs) < byTiles ? 'kn2row' : { winograd };
}
