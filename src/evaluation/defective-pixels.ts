import { connectedRegions, type ConnectedRegions } from './connected-regions.js';
import { bitsOf, keyOfBits, type FloatKeys } from './float-keys.js';
import { hasDefect, type ScoredMap } from './scored-map.js';

/** The defective pixels of some pictures, by their distinct scores (levels, ascending). */
export interface DefectivePixels {
  readonly levels: FloatKeys;
  /** `[j]`: pixels at level j. */
  readonly countAt: Uint32Array;
  /** `[j]`: the shares of their regions that the pixels at level j make up, summed. */
  readonly coverageAt: Float64Array;
  readonly count: number;
  /** The highest score in each defective region. */
  readonly regionPeaks: readonly number[];
}

export interface DefectsByClass {
  readonly all: DefectivePixels;
  /** By the defect's name; of the only class it is `all` itself. */
  readonly classes: ReadonlyMap<string, DefectivePixels>;
}

export interface DefectCollector {
  /** Takes a picture's defective pixels; the picture is not kept. Gives its regions, where it has any. */
  add(picture: ScoredMap): PeakedRegions | undefined;
  rank(): DefectsByClass;
}

export interface PeakedRegions extends ConnectedRegions {
  /** The highest score in each. */
  readonly peaks: Float32Array;
}

interface Collected {
  readonly keys: Float64Array[];
  readonly peaks: number[];
}

/**
 * A pixel's share of its region is 1/area, so regions of one area are alike, and there are never more than
 * 2^17 different areas among 2^32 pixels: score (32 bits) and area fit exactly into one sortable float64.
 */
const areaClassLimit = 2 ** 17;

/** Gathers defective pixels, 8 bytes each, and ranks them, which takes up to 48 bytes each at its peak. */
export function collectDefects(): DefectCollector {
  const areaClasses = new Map<number, number>();
  const collected = new Map<string | undefined, Collected>();
  return {
    add({ map, mask, height, width, defectClass }) {
      if (mask === undefined || !hasDefect(mask)) return undefined;
      const regions = connectedRegions(mask, height, width);
      for (const area of regions.areas) {
        if (!areaClasses.has(area)) areaClasses.set(area, areaClasses.size);
      }
      const classOfRegion = regions.areas.map((area) => areaClasses.get(area)!);
      const of = collected.get(defectClass) ?? { keys: [], peaks: [] };
      collected.set(defectClass, of);
      of.keys.push(defectiveKeys(bitsOf(map), regions, classOfRegion));
      const peaks = peaksOf(map, regions);
      for (const peak of peaks) of.peaks.push(peak);
      return { ...regions, peaks };
    },
    rank() {
      const areas = [...areaClasses.keys()];
      const parts = [...collected].map(([name, { keys, peaks }]) => ({
        name,
        peaks,
        sorted: joined(keys).sort(),
      }));
      const ranked = parts.map(({ name, peaks, sorted }) => ({ name, pixels: rank(sorted, areas, peaks) }));
      const all =
        ranked.length === 1
          ? ranked[0].pixels
          : rank(
              joined(parts.map(({ sorted }) => sorted)).sort(),
              areas,
              parts.flatMap(({ peaks }) => peaks),
            );
      const named = ranked.flatMap(({ name, pixels }) =>
        name === undefined ? [] : [[name, pixels] as const],
      );
      return { all, classes: new Map(named) };
    },
  };
}

function defectiveKeys(
  bits: Uint32Array,
  { labels, areas }: ConnectedRegions,
  classOfRegion: readonly number[],
): Float64Array {
  const keys = new Float64Array(areas.reduce((total, area) => total + area, 0));
  let count = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label > 0) keys[count++] = keyOfBits(bits[i]) * areaClassLimit + classOfRegion[label - 1];
  }
  return keys;
}

function peaksOf(map: Float32Array, { labels, areas }: ConnectedRegions): Float32Array {
  const peaks = new Float32Array(areas.length).fill(-Infinity);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label > 0 && map[i] > peaks[label - 1]) peaks[label - 1] = map[i];
  }
  return peaks;
}

function rank(
  sorted: Float64Array,
  areaOfClass: readonly number[],
  regionPeaks: readonly number[],
): DefectivePixels {
  const scoreOf = (i: number): number => Math.floor(sorted[i] / areaClassLimit);
  let distinct = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || scoreOf(i) !== scoreOf(i - 1)) distinct++;
  const levels = new Uint32Array(distinct);
  const countAt = new Uint32Array(distinct);
  const coverageAt = new Float64Array(distinct);
  let level = -1;
  for (let i = 0; i < sorted.length; i++) {
    const score = scoreOf(i);
    if (level < 0 || levels[level] !== score) levels[++level] = score;
    countAt[level]++;
    coverageAt[level] += 1 / areaOfClass[sorted[i] - score * areaClassLimit];
  }
  return { levels, countAt, coverageAt, count: sorted.length, regionPeaks };
}

/** Empties `chunks`, so that each can be freed. */
function joined(chunks: Float64Array[]): Float64Array {
  const all = new Float64Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let end = all.length;
  for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
    end -= chunk.length;
    all.set(chunk, end);
  }
  return all;
}
