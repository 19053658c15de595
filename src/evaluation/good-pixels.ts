import type { RankedRegions } from './aupro.js';
import type { DefectivePixels, DefectsByClass } from './defective-pixels.js';
import { bitsOf, keyOfBits, keysToFloats, type FloatKeys } from './float-keys.js';
import { radixSort } from './radix-sort.js';
import { hasDefect, type ScoredMap } from './scored-map.js';

/** The pixels of some pictures, ranked together. */
export interface RankedPixels extends RankedRegions {
  /** The highest score in each defective region. */
  readonly regionPeaks: readonly number[];
}

export interface PixelsByClass {
  readonly all: RankedPixels;
  /** By the defect's name: the pixels of the good pictures and of the class's own. */
  readonly classes: ReadonlyMap<string, RankedPixels>;
}

/** Whose good pixels: a good picture's, or those around the defects of a class (or of no named one). */
export type PixelSource =
  { readonly picture: 'good' } | { readonly picture: 'defective'; readonly defectClass?: string };

export interface GoodPixelCounter {
  /** @throws RangeError for more than 2^32 − 1 good pixels in all */
  add(source: PixelSource, keys: FloatKeys): void;
  finish(): PixelsByClass;
}

export function sourceOf({ mask, defectClass }: ScoredMap): PixelSource {
  const good = defectClass === undefined && (mask === undefined || !hasDefect(mask));
  return good ? { picture: 'good' } : { picture: 'defective', defectClass };
}

/**
 * The scores of a picture's good pixels.
 * @param into where they are written, at least as long as the map; it may be the map's own memory
 */
export function goodKeysOf(
  { map, mask, inside }: ScoredMap,
  into: FloatKeys = new Uint32Array(map.length),
): FloatKeys {
  const bits = bitsOf(map);
  if (mask === undefined && inside === undefined) {
    for (let i = 0; i < bits.length; i++) into[i] = keyOfBits(bits[i]);
    return into.subarray(0, bits.length);
  }
  let count = 0;
  for (let i = 0; i < bits.length; i++) {
    const good = mask === undefined || mask[i] === 0;
    if (good && (inside === undefined || inside[i] !== 0)) into[count++] = keyOfBits(bits[i]);
  }
  return into.subarray(0, count);
}

/** Good pixels are gathered up to this many, sorted and counted against the levels in one merge. */
const batchPixels = 2 ** 21;

/** Good pixels counted at and between the levels of some defective ones. */
interface Tally {
  readonly levels: FloatKeys;
  readonly goodBelow: Uint32Array;
  readonly goodAt: Uint32Array;
  good: number;
}

interface Batch {
  readonly tallies: readonly Tally[];
  keys: FloatKeys;
  count: number;
}

/**
 * Counts good pixels at and between the scores of the defective ones. None is kept: besides the levels (16 bytes
 * each, once in all and once in their class) and the counts (16 bytes each in all, 8 in their class) it needs
 * some ten megabytes a class.
 */
export function countGoodPixels({ all, classes }: DefectsByClass): GoodPixelCounter {
  // Pixels of good pictures belong to every class: they are counted once, at the levels of all.
  const ofGood = emptyTally(all);
  const ofDefective = emptyTally(all);
  const ofClass = new Map([...classes].map(([name, pixels]) => [name, emptyTally(pixels)]));
  const batches = new Map<string, Batch>();
  let scratch = new Uint32Array(0);

  const flush = (batch: Batch): void => {
    if (scratch.length < batch.count) scratch = new Uint32Array(batch.keys.length);
    const sorted = radixSort(batch.keys, batch.count, scratch);
    for (const tally of batch.tallies) merge(tally, sorted, batch.count);
    batch.count = 0;
  };
  const talliesFor = (source: PixelSource): readonly Tally[] => {
    if (source.picture === 'good') return [ofGood];
    const own = source.defectClass === undefined ? undefined : ofClass.get(source.defectClass);
    return own === undefined ? [ofDefective] : [ofDefective, own];
  };
  const batchFor = (source: PixelSource): Batch => {
    const name = JSON.stringify(source);
    const batch = batches.get(name) ?? { tallies: talliesFor(source), keys: new Uint32Array(0), count: 0 };
    batches.set(name, batch);
    return batch;
  };

  return {
    add(source, keys) {
      const batch = batchFor(source);
      for (let taken = 0; taken < keys.length;) {
        if (batch.count === batchPixels) flush(batch);
        const piece = keys.subarray(taken, taken + batchPixels - batch.count);
        batch.keys = withRoom(batch.keys, batch.count + piece.length);
        batch.keys.set(piece, batch.count);
        batch.count += piece.length;
        taken += piece.length;
      }
    },
    finish() {
      for (const batch of batches.values()) flush(batch);
      for (const tally of ofClass.values()) addFiner(tally, ofGood);
      addFiner(ofDefective, ofGood);
      const levelsOf = floatLevels();
      return {
        all: finished(all, ofDefective, levelsOf),
        classes: new Map(
          [...classes].map(([name, pixels]) => [name, finished(pixels, ofClass.get(name)!, levelsOf)]),
        ),
      };
    },
  };
}

/** Adds counts at levels among which are all of the tally's own. */
function addFiner(tally: Tally, finer: Tally): void {
  tally.good += finer.good;
  checkCount(tally.good);
  let below = 0;
  let j = 0;
  for (let i = 0; j < tally.levels.length; i++) {
    below += finer.goodBelow[i];
    if (finer.levels[i] === tally.levels[j]) {
      tally.goodBelow[j] += below;
      tally.goodAt[j] += finer.goodAt[i];
      below = 0;
      j++;
    } else below += finer.goodAt[i];
  }
}

/** Keys become floats in their own memory, so only once: the only class has the levels of all. */
function floatLevels(): (keys: FloatKeys) => Float32Array {
  const converted = new Map<FloatKeys, Float32Array>();
  return (keys) => {
    const levels = converted.get(keys) ?? keysToFloats(keys);
    converted.set(keys, levels);
    return levels;
  };
}

function emptyTally({ levels }: DefectivePixels): Tally {
  const count = levels.length;
  return { levels, goodBelow: new Uint32Array(count), goodAt: new Uint32Array(count), good: 0 };
}

/** At least `needed` long; grown by doubling, up to a batch. */
function withRoom(keys: FloatKeys, needed: number): FloatKeys {
  if (keys.length >= needed) return keys;
  const grown = new Uint32Array(Math.min(batchPixels, Math.max(needed, 2 * keys.length)));
  grown.set(keys);
  return grown;
}

function checkCount(good: number): void {
  if (good > 0xffffffff) {
    throw new RangeError('pixel metrics: expected at most 4294967295 good pixels, got more');
  }
}

function merge(tally: Tally, sorted: FloatKeys, count: number): void {
  tally.good += count;
  checkCount(tally.good);
  const { levels, goodBelow, goodAt } = tally;
  let i = 0;
  for (let j = 0; j < levels.length && i < count; j++) {
    const level = levels[j];
    const first = i;
    while (i < count && sorted[i] < level) i++;
    goodBelow[j] += i - first;
    const equal = i;
    while (i < count && sorted[i] === level) i++;
    goodAt[j] += i - equal;
  }
}

function finished(
  pixels: DefectivePixels,
  { goodBelow, goodAt, good }: Tally,
  levelsOf: (keys: FloatKeys) => Float32Array,
): RankedPixels {
  return {
    levels: levelsOf(pixels.levels),
    defectiveAt: pixels.countAt,
    goodBelow,
    goodAt,
    good,
    defective: pixels.count,
    coverageAt: pixels.coverageAt,
    regions: pixels.regionPeaks.length,
    regionPeaks: pixels.regionPeaks,
  };
}
