import type { PeakedRegions } from './defective-pixels.js';
import { bitsOf, keyOfBits, type FloatKeys } from './float-keys.js';
import { sourceOf } from './good-pixels.js';
import type { ScoredMap } from './scored-map.js';
import type { Drawable } from './strata.js';

/**
 * What a picture's pixels add to a drawn test set. Scores are counted in the cells of a fixed grid: 256 cells from a
 * power of two to the next, so a cell's scores differ by 0.4 % at most. Only cells that are met are kept.
 */
export interface PixelTally extends Drawable {
  readonly goodCells: Uint32Array;
  /** `[i]`: good pixels in `goodCells[i]`. */
  readonly good: Uint32Array;
  readonly defectiveCells: Uint32Array;
  /** `[i]`: defective pixels in `defectiveCells[i]`. */
  readonly defective: Uint32Array;
  /** `[i]`: the shares of their regions that those pixels make up, summed. */
  readonly coverage: Float64Array;
  /** The highest score in each defective region. */
  readonly peaks: Float32Array;
}

/** Float keys have 32 bits; these lowest ones are left out. */
const droppedBits = 15;
export const cellCount = 2 ** (32 - droppedBits);

export function cellsOf(values: Float32Array): Uint32Array {
  return Uint32Array.from(bitsOf(values), (bits) => keyOfBits(bits) >>> droppedBits);
}

/** @returns what tallies pictures one by one; the memory for it is used again */
export function pixelTallying(): (
  picture: ScoredMap,
  goodKeys: FloatKeys,
  regions: PeakedRegions | undefined,
) => PixelTally {
  const good = new Uint32Array(cellCount);
  const defective = new Uint32Array(cellCount);
  const coverage = new Float64Array(cellCount);
  return (picture, goodKeys, regions) => {
    good.fill(0);
    for (let i = 0; i < goodKeys.length; i++) good[goodKeys[i] >>> droppedBits]++;
    defective.fill(0);
    coverage.fill(0);
    if (regions !== undefined) {
      const { labels, areas } = regions;
      const bits = bitsOf(picture.map);
      for (let i = 0; i < labels.length; i++) {
        if (labels[i] === 0) continue;
        const cell = keyOfBits(bits[i]) >>> droppedBits;
        defective[cell]++;
        coverage[cell] += 1 / areas[labels[i] - 1];
      }
    }
    const { picture: label, ...source } = sourceOf(picture);
    const goodCells = met(good);
    const defectiveCells = met(defective);
    return {
      label,
      defectClass: 'defectClass' in source ? (source.defectClass ?? '') : '',
      ...(picture.group !== undefined && { group: picture.group }),
      goodCells,
      good: goodCells.map((cell) => good[cell]),
      defectiveCells,
      defective: defectiveCells.map((cell) => defective[cell]),
      coverage: Float64Array.from(defectiveCells, (cell) => coverage[cell]),
      peaks: regions?.peaks ?? new Float32Array(0),
    };
  };
}

function met(counts: Uint32Array): Uint32Array {
  let found = 0;
  for (let cell = 0; cell < counts.length; cell++) if (counts[cell] > 0) found++;
  const cells = new Uint32Array(found);
  found = 0;
  for (let cell = 0; cell < counts.length; cell++) if (counts[cell] > 0) cells[found++] = cell;
  return cells;
}
