import { aupro } from './aupro.js';
import type { FigureCounter } from './figure-counter.js';
import { cellCount, cellsOf, type PixelTally } from './pixel-tallies.js';
import { averagePrecision, f1Max } from './precision-recall.js';
import { auroc, fprAtTpr } from './roc.js';
import { strataOf } from './strata.js';

/** The figures of pixels that have a confidence interval. */
export const pixelFigureNames = [
  'pixel_auroc',
  'pixel_ap',
  'pixel_f1_max',
  'pixel_fpr_at_tpr95',
  'aupro_30',
  'aupro_05',
  'region_recall',
  'region_recall_at_f1_max',
] as const;
export type PixelFigure = (typeof pixelFigureNames)[number];

interface LevelCounts {
  readonly levels: Uint32Array;
  readonly counts: Float64Array;
}

interface CountedPicture extends PixelTally {
  readonly goodAt: LevelCounts;
  readonly defectiveAt: LevelCounts;
  readonly coverageAt: LevelCounts;
  readonly peakLevels: Uint32Array;
  readonly foundRegions: number;
}

export type PixelCounter = FigureCounter<CountedPicture, PixelFigure>;

/** More levels than this are joined, two neighbours at a time: they cost time and tell no more. */
const mostLevels = 1024;

/**
 * The figures of pictures counted some often and some not at all, made by the code that makes the exact ones.
 * @param threshold of pixels, for `region_recall`: a region is found where its highest score > threshold
 */
export function countPixels(tallies: readonly PixelTally[], threshold: number | undefined): PixelCounter {
  const { levelOf, levels: count } = levelsOf(tallies);
  const levels = Float64Array.from({ length: count }, (_, level) => level);
  const [goodAt, defectiveAt, coverageAt, regionsAt] = Array.from(
    { length: 4 },
    () => new Float64Array(count),
  );
  const goodBelow = new Float64Array(count);
  let [regions, found] = [0, 0];
  const counted = tallies.map((tally): CountedPicture => ({
    ...tally,
    goodAt: countsAt(tally.goodCells, tally.good, levelOf),
    defectiveAt: countsAt(tally.defectiveCells, tally.defective, levelOf),
    coverageAt: countsAt(tally.defectiveCells, tally.coverage, levelOf),
    peakLevels: cellsOf(tally.peaks).map(levelOf),
    foundRegions: threshold === undefined ? NaN : tally.peaks.filter((peak) => peak > threshold).length,
  }));
  return {
    names: pixelFigureNames,
    strata: strataOf(counted),
    clear() {
      regions = found = 0;
      for (const column of [goodAt, defectiveAt, coverageAt, regionsAt]) column.fill(0);
    },
    add(group, times = 1) {
      for (const picture of group) {
        addCounts(goodAt, picture.goodAt, times);
        addCounts(defectiveAt, picture.defectiveAt, times);
        addCounts(coverageAt, picture.coverageAt, times);
        for (const level of picture.peakLevels) regionsAt[level] += times;
        regions += times * picture.peaks.length;
        found += times * picture.foundRegions;
      }
    },
    figures() {
      const good = sum(goodAt);
      const defective = sum(defectiveAt);
      const ranked = { levels, defectiveAt, goodBelow, goodAt, good, defective, coverageAt, regions };
      const best = f1Max(ranked);
      return {
        pixel_auroc: auroc(ranked) ?? NaN,
        pixel_ap: averagePrecision(ranked) ?? NaN,
        pixel_f1_max: best?.f1 ?? NaN,
        pixel_fpr_at_tpr95: fprAtTpr(ranked) ?? NaN,
        aupro_30: aupro(ranked, 0.3) ?? NaN,
        aupro_05: aupro(ranked, 0.05) ?? NaN,
        region_recall: found / regions,
        region_recall_at_f1_max: best === undefined ? NaN : sum(regionsAt.subarray(best.threshold)) / regions,
      };
    },
  };
}

/** The cells that are met, in their order; joined until they are few enough. */
function levelsOf(tallies: readonly PixelTally[]) {
  const isMet = new Uint8Array(cellCount);
  for (const { goodCells, defectiveCells } of tallies) {
    for (const cell of goodCells) isMet[cell] = 1;
    for (const cell of defectiveCells) isMet[cell] = 1;
  }
  const cells = Array.from(isMet.keys()).filter((cell) => isMet[cell] === 1);
  let joined = 0;
  const levelsAt = (shift: number): readonly number[] => [...new Set(cells.map((cell) => cell >>> shift))];
  while (levelsAt(joined).length > mostLevels) joined++;
  const kept = levelsAt(joined);
  const places = new Int32Array(cellCount);
  for (const [level, cell] of kept.entries()) places[cell] = level;
  return { levels: kept.length, levelOf: (cell: number): number => places[cell >>> joined] };
}

/** Counts of cells, ascending, at the levels that those belong to. */
function countsAt(
  cells: Uint32Array,
  counts: Uint32Array | Float64Array,
  levelOf: (cell: number) => number,
): LevelCounts {
  const levels = new Uint32Array(cells.length);
  const joined = new Float64Array(cells.length);
  let length = 0;
  for (let i = 0; i < cells.length; i++) {
    const level = levelOf(cells[i]);
    if (length === 0 || levels[length - 1] !== level) levels[length++] = level;
    joined[length - 1] += counts[i];
  }
  return { levels: levels.slice(0, length), counts: joined.slice(0, length) };
}

function addCounts(column: Float64Array, { levels, counts }: LevelCounts, times: number): void {
  for (let i = 0; i < levels.length; i++) column[levels[i]] += times * counts[i];
}

function sum(column: Float64Array): number {
  let total = 0;
  for (let i = 0; i < column.length; i++) total += column[i];
  return total;
}
