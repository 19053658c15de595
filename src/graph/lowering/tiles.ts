import { reshape, spatialMap, transpose } from '../build.js';
import type { Matrix, Node } from '../ops.js';
import { positionsFirst, tilesBeside } from './tiled-map.js';

/** One axis of what a convolution multiplies: so many products for each of so many tiles. */
export interface TiledAxis {
  readonly positions: number;
  readonly tiles: number;
}

/** Both axes, and the samples of which each has its own tiles. */
export interface TiledSides {
  readonly batch: number;
  readonly down: TiledAxis;
  readonly across: TiledAxis;
}

/** Positions that are multiplied independently: the batch of the one product. */
export const spots = ({ down, across }: TiledSides): number => down.positions * across.positions;
/** Rows of that product: every tile of every sample. */
export const rows = ({ batch, down, across }: TiledSides): number => down.tiles * across.tiles * batch;

/** [H, W, N, c] → [positions, tiles · N, c], tiles down within tiles across */
export function toTiles(
  x: Node,
  sides: TiledSides,
  channels: number,
  downMatrix: Matrix,
  acrossMatrix: Matrix,
  again = false,
): Node {
  const { batch, down, across } = sides;
  const mapped = spatialMap(x, 0, downMatrix, acrossMatrix, again);
  const split = reshape(mapped, [
    down.positions,
    down.tiles,
    across.positions,
    across.tiles,
    batch * channels,
  ]);
  return reshape(transpose(split, positionsFirst), [spots(sides), rows(sides), channels]);
}

/** [positions, tiles · N, c] → [H, W, N, c] */
export function fromTiles(
  products: Node,
  { batch, down, across }: TiledSides,
  channels: number,
  downMatrix: Matrix,
  acrossMatrix: Matrix,
): Node {
  const split = reshape(products, [
    down.positions,
    across.positions,
    across.tiles,
    down.tiles,
    batch * channels,
  ]);
  const sides = [down.positions * down.tiles, across.positions * across.tiles, batch, channels];
  return spatialMap(reshape(transpose(split, tilesBeside), sides), 0, downMatrix, acrossMatrix);
}
