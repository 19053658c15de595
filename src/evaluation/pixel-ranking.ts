import { connectedRegions } from './connected-regions.js';
import type { RankedScores } from './ranking.js';

/** An anomaly map beside the truth, both `height · width` values row by row. */
export interface ScoredMap {
  readonly map: Float32Array;
  /** Non-zero where defective; all zero for a good picture. */
  readonly mask: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** The pixels of all pictures, ranked together. */
export interface RankedPixels extends RankedScores {
  /** Defective regions of all pictures. */
  readonly regions: number;
  /** `[k]`: the mean over the regions of the share that lies among the `k` highest defective pixels. */
  readonly coverage: Float64Array;
}

/**
 * Ranks pixels without binning. Pictures are taken one after the other and not kept: besides them it needs
 * about 8 bytes a good pixel (half of it only while collecting) and 28 a defective one.
 * @throws RangeError for a NaN in a map (names picture and pixel) and for lengths that do not fit
 */
export function rankPixels(pictures: Iterable<ScoredMap>): RankedPixels {
  const good: Float32Array[] = [];
  const defective: Float64Array[] = [];
  const areaClasses = new Map<number, number>();
  let regions = 0;
  let index = 0;
  for (const picture of pictures) {
    checkPicture(picture, index++);
    const { areas, labels } = connectedRegions(picture.mask, picture.height, picture.width);
    regions += areas.length;
    for (const area of areas) if (!areaClasses.has(area)) areaClasses.set(area, areaClasses.size);
    const classOfRegion = areas.map((area) => areaClasses.get(area)!);
    good.push(goodScores(picture, areas));
    if (areas.length > 0) defective.push(defectiveKeys(picture.map, labels, areas, classOfRegion));
  }
  return {
    good: joined(good, Float32Array).sort(),
    ...rankDefective(joined(defective, Float64Array).sort(), [...areaClasses.keys()], regions),
    regions,
  };
}

function checkPicture({ map, mask, height, width }: ScoredMap, index: number): void {
  if (map.length !== height * width || mask.length !== height * width) {
    throw new RangeError(
      `picture ${index}: expected a map and a mask of ${height} × ${width} = ${height * width} values, ` +
        `got ${map.length} and ${mask.length}`,
    );
  }
  const nan = map.findIndex(Number.isNaN);
  if (nan >= 0) throw new RangeError(`picture ${index}: map[${nan}]: expected a number, got NaN`);
}

function goodScores({ map, mask }: ScoredMap, areas: readonly number[]): Float32Array {
  if (areas.length === 0) return map.slice();
  const scores = new Float32Array(map.length - sum(areas));
  let count = 0;
  for (let i = 0; i < map.length; i++) if (mask[i] === 0) scores[count++] = map[i]!;
  return scores;
}

/**
 * A pixel's share of its region is 1/area, so regions of one area are alike, and there are never more than
 * 2^17 different areas among 2^32 pixels: score (32 bits) and area fit exactly into one sortable float64.
 */
const AREA_CLASSES = 2 ** 17;

function defectiveKeys(
  map: Float32Array,
  labels: Int32Array,
  areas: readonly number[],
  classOfRegion: readonly number[],
): Float64Array {
  const keys = new Float64Array(sum(areas));
  let count = 0;
  for (let i = 0; i < map.length; i++) {
    const label = labels[i];
    if (label > 0) keys[count++] = sortableBits(map[i]) * AREA_CLASSES + classOfRegion[label - 1];
  }
  return keys;
}

function rankDefective(
  keys: Float64Array,
  areaOfClass: readonly number[],
  regions: number,
): { readonly defective: Float32Array; readonly coverage: Float64Array } {
  const defective = new Float32Array(keys.length);
  const coverage = new Float64Array(keys.length + 1);
  let covered = 0;
  for (let i = keys.length - 1; i >= 0; i--) {
    const bits = Math.floor(keys[i] / AREA_CLASSES);
    defective[i] = fromSortableBits(bits);
    covered += 1 / areaOfClass[keys[i] - bits * AREA_CLASSES];
    coverage[keys.length - i] = covered / regions;
  }
  return { defective, coverage };
}

const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);

/** An unsigned 32-bit integer in the order of the floats; −0 and 0 are one. */
function sortableBits(value: number): number {
  floatView[0] = value + 0;
  const bits = bitView[0];
  return bits >= 0x80000000 ? 0xffffffff - bits : bits + 0x80000000;
}

function fromSortableBits(bits: number): number {
  bitView[0] = bits >= 0x80000000 ? bits - 0x80000000 : 0xffffffff - bits;
  return floatView[0];
}

/** Empties `chunks` on the way, so that each can be freed as soon as it is copied. */
function joined<T extends Float32Array | Float64Array>(chunks: T[], type: new (length: number) => T): T {
  const all = new type(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let end = all.length;
  for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
    end -= chunk.length;
    all.set(chunk, end);
  }
  return all;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
