import { aupro } from './aupro.js';
import { collectDefects } from './defective-pixels.js';
import {
  countGoodPixels,
  goodKeysOf,
  sourceOf,
  type PixelsByClass,
  type RankedPixels,
} from './good-pixels.js';
import { rankingMetrics, type RankingMetrics } from './image-metrics.js';
import type { PixelIntervalsByClass } from './pixel-intervals.js';
import { checkScoredMap, type ScoredMap } from './scored-map.js';

/** Of pixels. Each is undefined where there are no good or no defective pixels. */
export interface PixelMetrics extends RankingMetrics {
  /** AUPRO up to a false-positive rate of 0.3. */
  readonly aupro30: number | undefined;
  /** AUPRO up to a false-positive rate of 0.05. */
  readonly aupro05: number | undefined;
  /** Defective regions: pixels of a mask that touch by a side or a corner. */
  readonly regions: number;
  /**
   * Share of the regions found: at least one of their pixels is called defective, score > the threshold in use.
   * Undefined also where no threshold was given.
   */
  readonly regionRecall: number | undefined;
  /** The same at the threshold of `f1Max`, score ≥ it. */
  readonly regionRecallAtF1Max: number | undefined;
}

export interface PixelMetricsByClass {
  readonly all: PixelMetrics;
  /** By the defect's name: the good pictures and the class's own. */
  readonly classes: ReadonlyMap<string, PixelMetrics>;
  /** Where they were asked for. */
  readonly intervals?: PixelIntervalsByClass;
}

/**
 * The measures of localisation, exact over the pixels of all pictures together.
 * @param pictures are gone through twice and not kept: first for the defective pixels, then for the good ones
 * @param threshold the one in use, for `regionRecall`: a pixel is called defective where score > threshold
 * @throws RangeError for a NaN in a map (names picture and pixel), for lengths that do not fit, and for what can be
 * gone through only once
 */
export function pixelMetrics(pictures: Iterable<ScoredMap>, threshold?: number): PixelMetrics {
  return measured(rankPixels(pictures).all, threshold);
}

/** As {@link pixelMetrics}, and by defect class. */
export function pixelMetricsByClass(pictures: Iterable<ScoredMap>, threshold?: number): PixelMetricsByClass {
  return metricsByClass(rankPixels(pictures), threshold);
}

export function metricsByClass({ all, classes }: PixelsByClass, threshold?: number): PixelMetricsByClass {
  return {
    all: measured(all, threshold),
    classes: new Map([...classes].map(([name, ranked]) => [name, measured(ranked, threshold)])),
  };
}

/**
 * Ranks pixels without binning: the good ones are counted at and between the scores of the defective ones.
 * @throws RangeError as {@link pixelMetrics}
 */
export function rankPixels(pictures: Iterable<ScoredMap>): PixelsByClass {
  if ('next' in pictures) {
    throw new RangeError('pictures: expected what can be gone through twice (an array), got an iterator');
  }
  const defects = collectDefects();
  let index = 0;
  for (const picture of pictures) {
    checkScoredMap(picture, `picture ${index++}`);
    defects.add(picture);
  }
  const counter = countGoodPixels(defects.rank());
  let room = new Uint32Array(0);
  for (const picture of pictures) {
    if (room.length < picture.map.length) room = new Uint32Array(picture.map.length);
    counter.add(sourceOf(picture), goodKeysOf(picture, room));
  }
  return counter.finish();
}

function measured(ranked: RankedPixels, threshold: number | undefined): PixelMetrics {
  const ranking = rankingMetrics(ranked);
  const { f1Max } = ranking;
  return {
    ...ranking,
    aupro30: aupro(ranked, 0.3),
    aupro05: aupro(ranked, 0.05),
    regions: ranked.regionPeaks.length,
    regionRecall: threshold === undefined ? undefined : shareOf(ranked, (peak) => peak > threshold),
    regionRecallAtF1Max: f1Max && shareOf(ranked, (peak) => peak >= f1Max.threshold),
  };
}

function shareOf({ regionPeaks }: RankedPixels, found: (peak: number) => boolean): number | undefined {
  return regionPeaks.length === 0 ? undefined : regionPeaks.filter(found).length / regionPeaks.length;
}
