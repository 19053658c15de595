import { resizeBilinear } from '../view/index.js';
import { bitsOf, isNaNBits } from './float-keys.js';

/** An anomaly map beside the truth, both `height · width` values row by row. */
export interface ScoredMap {
  readonly map: Float32Array;
  /** Non-zero where defective; all zero, or left out, where nothing is. */
  readonly mask?: Uint8Array;
  /** Where pixels count: non-zero there. Left out: everywhere. The mask is zero where they do not. */
  readonly inside?: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** The defect's name (`crack`), for figures by class; left out for a good picture. */
  readonly defectClass?: string;
  /** The physical part, for confidence intervals; left out: a part of its own. */
  readonly group?: string;
}

/** A map of a size of its own, to be stretched over `height · width` pixels; mask and region have that size. */
export interface SmallMap extends ScoredMap {
  /** Of the map. */
  readonly mapSize: readonly [height: number, width: number];
}

/**
 * The map at the size of the mask: bilinear, as a heatmap shows it, so its values keep their meaning.
 * @throws RangeError, naming the picture so, for a map of another length than its size and for a NaN in it
 */
export function stretched({ mapSize, ...picture }: SmallMap, name: string): ScoredMap {
  const [mapHeight, mapWidth] = mapSize;
  const { map, height, width } = picture;
  checkScoredMap({ map, height: mapHeight, width: mapWidth }, name);
  if (mapHeight === height && mapWidth === width) return picture;
  return {
    ...picture,
    map: resizeBilinear({ height: mapHeight, width: mapWidth, data: map }, height, width).data,
  };
}

/** @throws RangeError, naming the picture so, for lengths that do not fit and for a NaN in the map */
export function checkScoredMap({ map, mask, inside, height, width }: ScoredMap, name: string): void {
  const size = height * width;
  if (inside !== undefined && inside.length !== size) {
    throw new RangeError(`${name}: expected a region of ${size} values, got ${inside.length}`);
  }
  if (map.length !== size || (mask !== undefined && mask.length !== size)) {
    throw new RangeError(
      `${name}: expected a map and a mask of ${height} × ${width} = ${size} values, ` +
        `got ${map.length} and ${mask === undefined ? 'no mask' : mask.length}`,
    );
  }
  const bits = bitsOf(map);
  for (let i = 0; i < bits.length; i++) {
    if (isNaNBits(bits[i])) throw new RangeError(`${name}: map[${i}]: expected a number, got NaN`);
  }
}

export function hasDefect(mask: Uint8Array): boolean {
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) return true;
  return false;
}
