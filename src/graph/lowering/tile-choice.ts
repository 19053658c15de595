import { positionsOf, possibleTiles, tilesOf, type ConvolutionAxis } from './axis-tiling.js';

/** Sides of the products of a convolution. */
export interface ProductSides {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What transforming one value to a tile or back costs, in multiplications of the matrix products; measured. */
const transformCost = 30;

/**
 * Multiplications of a convolution and its two gradients with tiles of so many outputs: the three products, the
 * kernel's transform and its gradient's, and what the transforms of input, output and their gradients come to.
 */
function cost(axes: readonly ConvolutionAxis[], tiles: readonly number[], sides: ProductSides): number {
  const product = (of: (axis: ConvolutionAxis, tile: number) => number): number =>
    axes.reduce((all, axis, i) => all * of(axis, tiles[i]), 1);
  const positions = product(positionsOf);
  const rows = product(tilesOf) * sides.batch;
  const kernel = tiles.every((tile) => tile === 1) ? 0 : product(({ taps }) => taps);
  const { inputs, outputs } = sides;
  return (
    positions *
    (rows * (3 * inputs * outputs + 2 * transformCost * (inputs + outputs)) + 2 * kernel * inputs * outputs)
  );
}

/** The outputs of a tile along both axes that make a convolution cheapest. */
export function cheapestTiles(
  down: ConvolutionAxis,
  across: ConvolutionAxis,
  sides: ProductSides,
): readonly [number, number] {
  const choices = possibleTiles(down).flatMap((d) => possibleTiles(across).map((a) => [d, a] as const));
  const costs = choices.map((tiles) => cost([down, across], tiles, sides));
  return choices[costs.indexOf(Math.min(...costs))];
}
