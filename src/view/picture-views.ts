import { wholeBox } from './box.js';
import { coarserShares, type OpenRegion } from './region.js';
import { tilesOf, type Rectangle, type Size, type View } from './tiles.js';

/** One look at a picture: at all of it, or at one of its tiles. */
export interface PictureView {
  /** Left out: the whole picture. */
  readonly tile?: Rectangle;
  /** With a region: the share of each position inside it, one array a scale, finest first. */
  readonly shares?: readonly Float32Array[];
}

export interface ViewGeometry {
  readonly view: View;
  readonly region?: OpenRegion;
  /** Positions of the features at scale 0. */
  readonly mapSize: Size;
}

/** Scales the features come at, each half as fine as the one before. */
const scales = 3;

/**
 * What the model looks at of a picture: with a region, only tiles that hold some of it, laid over its bounds.
 * @throws RangeError where the region misses the picture
 */
export function viewsOf(picture: Size, { view, region, mapSize }: ViewGeometry): readonly PictureView[] {
  if (view.kind === 'whole') {
    return [
      region === undefined ? {} : { shares: sharesAtScales(region.shares(wholeBox, ...mapSize), mapSize) },
    ];
  }
  if (region === undefined) return tilesOf(picture, view).map((tile) => ({ tile }));
  const [height, width] = picture;
  const { bounds } = region;
  const [top, left] = [Math.floor(bounds.top * height), Math.floor(bounds.left * width)];
  const part = {
    top,
    left,
    height: Math.max(1, Math.ceil(bounds.bottom * height) - top),
    width: Math.max(1, Math.ceil(bounds.right * width) - left),
  };
  const views = tilesOf(picture, view, part).flatMap((tile) => {
    const box = {
      top: tile.top / height,
      left: tile.left / width,
      bottom: (tile.top + tile.height) / height,
      right: (tile.left + tile.width) / width,
    };
    const shares = region.shares(box, ...mapSize);
    return shares.some((share) => share > 0) ? [{ tile, shares: sharesAtScales(shares, mapSize) }] : [];
  });
  if (views.length === 0) throw new RangeError('region: expected some of it inside the picture');
  return views;
}

function sharesAtScales(finest: Float32Array, [rows, columns]: Size): readonly Float32Array[] {
  const all = [finest];
  for (let s = 1; s < scales; s++) {
    const factor = 2 ** (s - 1);
    all.push(coarserShares(all[s - 1], rows / factor, columns / factor));
  }
  return all;
}
