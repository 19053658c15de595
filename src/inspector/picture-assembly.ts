import {
  blendedSize,
  blending,
  pictureScore,
  type OpenRegion,
  type Rectangle,
  type Size,
  type TileResult,
  type View,
} from '../view/index.js';

/** What a model that looks at tiles says of a picture. */
export interface AssembledPicture {
  readonly score: number;
  /** Of the picture's shape, row by row; 0 outside the region. */
  readonly map: Float32Array;
  readonly mapSize: Size;
  /** With a region: 1 for each value of the map inside, else 0. */
  readonly inside?: Uint8Array;
}

/** What the model says of one tile, and where it lies. */
export interface SeenTile {
  readonly tile: Rectangle;
  readonly score: number;
  /** The tile's anomaly map, at the model's size. */
  readonly map: Float32Array;
  /** With a region: where the score lies, and the share of each of its positions inside. */
  readonly inside?: TileResult['inside'];
}

export interface AssemblyOptions {
  /** In pixels. */
  readonly picture: Size;
  /** Of all its tiles. */
  readonly tile: Size;
  /** That tiles are resized to. */
  readonly modelSize: Size;
  readonly view: Extract<View, { kind: 'tiles' }>;
  readonly region?: OpenRegion;
}

/** Puts a picture's score and map together from its tiles, for a verdict as for the threshold. */
export interface PictureAssembly {
  /** The order counts in the map's last digits. */
  add(seen: SeenTile): void;
  result(): AssembledPicture;
}

export function assemblePicture(options: AssemblyOptions): PictureAssembly {
  const { picture, tile, modelSize, view, region } = options;
  const mapSize = blendedSize(picture, tile, modelSize);
  const blended = blending(picture, mapSize, modelSize);
  const results: TileResult[] = [];
  return {
    add({ tile, score, map, inside }) {
      blended.add(tile, map);
      results.push({ score, ...(inside && { inside }) });
    },
    result() {
      const map = blended.map();
      const inside = region?.pixels(...mapSize);
      if (inside !== undefined) for (let p = 0; p < map.length; p++) if (inside[p] === 0) map[p] = 0;
      return { score: pictureScore(view.score, results), map, mapSize, ...(inside && { inside }) };
    },
  };
}
