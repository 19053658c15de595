import { mapSizeOf } from '../backbone/index.js';
import { branchesOf } from '../csflow/index.js';
import { valuesOf, type Session } from '../runtime/session.js';
import {
  cropParts,
  tilesAtOnce,
  viewsOf,
  type OpenRegion,
  type Pixels,
  type Rectangle,
  type View,
} from '../view/index.js';
import type { ModelMetadata } from './model-metadata.js';
import { assemblePicture, type AssembledPicture, type SeenTile } from './picture-assembly.js';

export interface TiledOptions {
  readonly session: Session;
  readonly configuration: ModelMetadata['configuration'];
  readonly view: Extract<View, { kind: 'tiles' }>;
  readonly region?: OpenRegion;
  /** Runs that go on side by side. */
  readonly lanes: number;
  readonly signal?: AbortSignal;
}

interface Tile {
  readonly tile: Rectangle;
  /** With a region: the share inside of each position of the score map. */
  readonly shares?: Float32Array;
}

/** Looks at a picture tile by tile; the tiles' maps are blended, their scores make the picture's. */
export async function inspectTiles(picture: Pixels, options: TiledOptions): Promise<AssembledPicture> {
  const { session, configuration, view, region, lanes, signal } = options;
  const { size } = configuration;
  const finest = branchesOf({ ...configuration, mapSize: mapSizeOf(size) })[0].scale;
  const geometry = { view, region, mapSize: mapSizeOf(size) };
  const tiles = viewsOf([picture.height, picture.width], geometry).map(({ tile, shares }): Tile => {
    if (tile === undefined) throw new TypeError('tiles: expected a view of tiles');
    return { tile, shares: shares?.[finest] };
  });
  const { height, width } = tiles[0].tile;
  const assembly = assemblePicture({
    picture: [picture.height, picture.width],
    tile: [height, width],
    modelSize: size,
    view,
    region,
  });
  const look = async (batch: readonly Tile[]): Promise<readonly SeenTile[]> => {
    const parts = batch.map(({ tile }) => tile);
    const image = {
      dtype: 'uint8',
      dims: [batch.length, height, width, 3],
      data: cropParts(picture, parts),
    } as const;
    const output = await session.run({ image });
    const partsOf = (name: string): readonly Float32Array[] => {
      const values = valuesOf(output, name, 'float32');
      const length = values.length / batch.length;
      return batch.map((_, i) => values.subarray(i * length, (i + 1) * length));
    };
    const [scores, maps] = [partsOf('score'), partsOf('anomaly_map')];
    const scoreMaps = region && partsOf('score_map');
    return batch.map(({ tile, shares }, i) => {
      const inside = scoreMaps && shares && { scoreMap: scoreMaps[i], shares };
      return { tile, score: scores[i][0], map: maps[i], ...(inside && { inside }) };
    });
  };
  const batches = inBatches(tiles, tilesAtOnce(size));
  // In turns of as many runs as go on side by side, blended in order: the same sums whichever run ends first.
  for (const turn of inBatches(batches, lanes)) {
    signal?.throwIfAborted();
    for (const seen of (await Promise.all(turn.map(look))).flat()) assembly.add(seen);
  }
  return assembly.result();
}

function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
