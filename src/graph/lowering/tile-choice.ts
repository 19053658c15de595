import { positionsOf, possibleTiles, tilesOf, type ConvolutionAxis } from './axis-tiling.js';

/** Outputs that are computed together. */
export type Tile = readonly [down: number, across: number];

/** Sides of the products of a convolution. */
export interface ProductSides {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What each side adds to the products, in multiplications; fitted to the kernels of ONNX Runtime. */
const costs = {
  /** Transforming one value of the input to a tile, or one of a tile to the output. */
  dataValue: 30,
  /** Reading and writing one value of the transformed kernel and of its gradient. */
  kernelValue: 90,
  /** Transforming it, for each tap. */
  kernelTap: 2.2,
};

/** A convolution and its two gradients with tiles of so many outputs. */
function cost(axes: readonly ConvolutionAxis[], tiles: readonly number[], sides: ProductSides): number {
  const product = (of: (axis: ConvolutionAxis, tile: number) => number): number =>
    axes.reduce((all, axis, i) => all * of(axis, tiles[i]), 1);
  const positions = product(positionsOf);
  const rows = product(tilesOf) * sides.batch;
  const taps = product((axis) => axis.taps);
  const { inputs, outputs } = sides;
  const data = 2 * costs.dataValue * rows * (inputs + outputs);
  const kernel = (costs.kernelValue + costs.kernelTap * taps) * inputs * outputs;
  return positions * (3 * rows * inputs * outputs + data + kernel);
}

/** The outputs of a tile along both axes that make a convolution cheapest. */
export function cheapestTiles(down: ConvolutionAxis, across: ConvolutionAxis, sides: ProductSides): Tile {
  const choices = possibleTiles(down).flatMap((d) => possibleTiles(across).map((a) => [d, a] as const));
  const all = choices.map((tiles) => cost([down, across], tiles, sides));
  return choices[all.indexOf(Math.min(...all))];
}
