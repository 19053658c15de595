import { UsageError } from '../errors.js';

export type Size = readonly [height: number, width: number];

/** 8-bit RGB pixels, row by row. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** A part of a picture, in pixels. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** How the scores of a picture's tiles make the picture's. */
export const tileScores = ['maximum', 'mean'] as const;
export type TileScore = (typeof tileScores)[number];

/** What of a picture the model looks at: all of it at once, or overlapping tiles one by one. */
export type View =
  | { readonly kind: 'whole' }
  | {
      readonly kind: 'tiles';
      /** Height and width of a tile in pixels of the picture. */
      readonly tile: Size;
      /** Share of a tile's side that its neighbour covers too, from 0 to {@link largestOverlap}. */
      readonly overlap: number;
      readonly score: TileScore;
    };

export type Tiling = Pick<Extract<View, { kind: 'tiles' }>, 'tile' | 'overlap'>;

export const defaultOverlap = 0.25;
export const largestOverlap = 0.75;
/** A smaller tile shows too little to tell good from defective. */
export const smallestTile = 32;

/** @throws UsageError for a tile or an overlap out of bounds */
export function checkTiling({ tile: [height, width], overlap }: Tiling): void {
  if (![height, width].every((side) => Number.isInteger(side) && side >= smallestTile)) {
    throw new UsageError(`tile: expected sides from ${smallestTile} pixels, got ${height}x${width}`);
  }
  if (!(overlap >= 0 && overlap <= largestOverlap)) {
    throw new UsageError(`overlap: expected a share from 0 to ${largestOverlap}, got ${overlap}`);
  }
}

/**
 * The tiles that cover a picture, or a part of it, row by row. Neighbours overlap by the share asked for, the last of a
 * row or column by more: it is shifted inwards. A picture that is smaller than a tile along one side is as long as its
 * tile there.
 * @param part default: the whole picture; a part smaller than a tile lies in the tile's middle
 */
export function tilesOf(picture: Size, { tile, overlap }: Tiling, part?: Rectangle): readonly Rectangle[] {
  const [height, width] = tile.map((side, axis) => Math.min(side, picture[axis]));
  const { top, left, height: rows, width: columns } = part ?? wholeOf(picture);
  const lefts = starts(left, columns, width, overlap, picture[1]);
  return starts(top, rows, height, overlap, picture[0]).flatMap((y) =>
    lefts.map((x) => ({ top: y, left: x, height, width })),
  );
}

export function wholeOf([height, width]: Size): Rectangle {
  return { top: 0, left: 0, height, width };
}

function starts(
  from: number,
  length: number,
  tile: number,
  overlap: number,
  side: number,
): readonly number[] {
  const within = (start: number): number => Math.min(Math.max(0, start), side - tile);
  if (length <= tile) return [within(Math.round(from + (length - tile) / 2))];
  const step = Math.max(1, Math.round(tile * (1 - overlap)));
  const count = Math.ceil((length - tile) / step) + 1;
  return Array.from({ length: count }, (_, i) => from + Math.min(i * step, length - tile));
}

/** Tiles of 384 × 384 that go through a network together. */
const tilesTogether = 4;

/** How many tiles are looked at in one run, by the size the model resizes them to. */
export function tilesAtOnce([height, width]: Size): number {
  return Math.max(1, Math.min(16, Math.floor((tilesTogether * 384 * 384) / (height * width))));
}

/** Pixels of some equally large parts of an RGB picture, one after another: [parts, height, width, 3]. */
export function cropParts(picture: Pixels, parts: readonly Rectangle[]): Uint8Array {
  const { height, width } = parts[0];
  const pixels = new Uint8Array(parts.length * height * width * 3);
  parts.forEach(({ top, left }, i) => {
    for (let y = 0; y < height; y++) {
      const start = ((top + y) * picture.width + left) * 3;
      pixels.set(picture.data.subarray(start, start + width * 3), (i * height + y) * width * 3);
    }
  });
  return pixels;
}
