import type { TileScore } from './tiles.js';

/** What the model says of one tile. */
export interface TileResult {
  /** The anomaly score of the whole tile. */
  readonly score: number;
  /** With a region of interest: where in the tile the score lies (its mean is the score), and the share of each position inside. */
  readonly inside?: { readonly scoreMap: Float32Array; readonly shares: Float32Array };
}

/** A tile of which less than this is inside the region counts by as much less, so that a sliver decides nothing alone. */
const enoughInside = 0.25;

/**
 * The score of a picture from those of its tiles: the maximum over the tiles, or the mean. With a region of interest
 * positions count by their share inside; a tile's score is then the mean over what is inside.
 * @throws RangeError where there is no tile, or nothing inside
 */
export function pictureScore(how: TileScore, tiles: readonly TileResult[]): number {
  if (tiles.length === 0) throw new RangeError('tiles: expected at least one, got none');
  switch (how) {
    case 'maximum':
      return Math.max(
        ...tiles.map(({ score, inside }) => (inside === undefined ? score : insideScore(inside))),
      );
    case 'mean': {
      const parts = tiles.map(({ score, inside }) =>
        inside === undefined ? { sum: score, share: 1 } : weighted(inside),
      );
      const share = parts.reduce((all, part) => all + part.share, 0);
      if (share === 0) throw new RangeError('tiles: expected some of them inside the region, got none');
      return parts.reduce((all, part) => all + part.sum, 0) / share;
    }
  }
}

function insideScore(inside: NonNullable<TileResult['inside']>): number {
  const { sum, share } = weighted(inside);
  return sum / Math.max(share, enoughInside * inside.shares.length);
}

function weighted({ scoreMap, shares }: NonNullable<TileResult['inside']>): { sum: number; share: number } {
  let [sum, share] = [0, 0];
  for (let p = 0; p < shares.length; p++) {
    sum += shares[p] * scoreMap[p];
    share += shares[p];
  }
  return { sum, share };
}
