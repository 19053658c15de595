import { positionsOf, possibleTiles, tilesOf, type ConvolutionAxis } from './axis-tiling.js';

/** Outputs that are computed together. */
export type Tile = readonly [down: number, across: number];

/** Sides of the products of a convolution. */
export interface ProductSides {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What a convolution and its two gradients are made of, each a number of values. */
export interface TileWork {
  /** Multiplications of the three products. */
  readonly products: number;
  /** Values that are transformed: of the input to tiles, of tiles to the output, and both back. */
  readonly data: number;
  /** Values of the transformed kernel. */
  readonly kernel: number;
  /** The same for each tap that they are made of. */
  readonly kernelTaps: number;
}

/** What each value costs, in multiplications of a product. */
export type TileCosts = Readonly<Record<Exclude<keyof TileWork, 'products'>, number>>;

/** Fitted to the kernels of ONNX Runtime; `bench/fit-tile-costs.mjs` fits them anew. */
export const tileCosts: TileCosts = { data: 30, kernel: 90, kernelTaps: 2.2 };

export function tileWork(axes: readonly ConvolutionAxis[], tile: Tile, sides: ProductSides): TileWork {
  const product = (of: (axis: ConvolutionAxis, outputs: number) => number): number =>
    axes.reduce((all, axis, i) => all * of(axis, tile[i]), 1);
  const positions = product(positionsOf);
  const rows = product(tilesOf) * sides.batch;
  const { inputs, outputs } = sides;
  const kernel = positions * inputs * outputs;
  return {
    products: 3 * kernel * rows,
    data: 2 * positions * rows * (inputs + outputs),
    kernel,
    kernelTaps: kernel * product((axis) => axis.taps),
  };
}

export const tileCost = (work: TileWork, costs: TileCosts = tileCosts): number =>
  work.products + costs.data * work.data + costs.kernel * work.kernel + costs.kernelTaps * work.kernelTaps;

/** The outputs of a tile along both axes that make a convolution cheapest. */
export function cheapestTiles(
  down: ConvolutionAxis,
  across: ConvolutionAxis,
  sides: ProductSides,
  costs: TileCosts = tileCosts,
): Tile {
  const choices = possibleTiles(down).flatMap((d) => possibleTiles(across).map((a) => [d, a] as const));
  const all = choices.map((tile) => tileCost(tileWork([down, across], tile, sides), costs));
  return choices[all.indexOf(Math.min(...all))];
}
