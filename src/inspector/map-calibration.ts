import { calibrate } from '../evaluation/index.js';
import { meanScale, pixelPValue, rising, type MapScale } from './map-scale.js';
import { valueSketch } from './value-sketch.js';

/** What the anomaly maps of good images say, as one flow sees them that has not learned from them. */
export interface MapStatistics {
  readonly scale: MapScale;
  /** The largest value of each image's map. */
  readonly maxima: readonly number[];
  /** The physical part that each image shows. */
  readonly parts: readonly string[];
}

/** Where regions begin. */
export interface PixelThreshold {
  /** A pixel belongs to a region where the map is above it. */
  readonly value: number;
  /** The share of good pixels above it. */
  readonly pValue: number;
  /** The share of good images that may show a region, as asked for. */
  readonly goodImageShare: number;
  /** Whether the calibration parts are enough to know that share; else the threshold is the images' largest value. */
  readonly enough: boolean;
}

/** Of twenty good parts one may show an outlined region. */
export const defaultRegionShare = 0.05;

const steps = [0.5, 0.2, 0.1] as const;
const decades = 6;
/** 0.5, 0.2, 0.1, 0.05, … 1e-6. */
const shares = Array.from({ length: decades }, (_, decade) =>
  steps.map((step) => Number((step * 10 ** -decade).toPrecision(1))),
).flat();

/** Collects the anomaly maps of good images. */
export interface MapCollector {
  /**
   * @param part the physical part that the image shows
   * @throws RangeError for a value that is negative or not finite
   */
  add(map: Float32Array, part: string): void;
  /** @throws RangeError where no map was added */
  statistics(): MapStatistics;
}

/**
 * The points of the scale reach as far as the images carry. Neighbouring pixels are alike, since maps are enlarged, and
 * so are images of one part, so a share is known down to 1/(n + 1) for n positions of the finest feature map over all
 * parts, as a conformal p-value of so many would be.
 * @param positions of the finest feature map in one image
 */
export function mapCollector(positions: number): MapCollector {
  const sketch = valueSketch();
  const maxima: number[] = [];
  const parts: string[] = [];
  return {
    add(map, part) {
      sketch.add(map);
      parts.push(part);
      maxima.push(map.reduce((largest, value) => Math.max(largest, value), 0));
    },
    statistics() {
      const smallest = 1 / (new Set(parts).size * positions + 1);
      const known = shares.filter((p, i) => i === 0 || p >= smallest);
      const values = sketch.upperQuantiles(known);
      return { scale: { quantiles: rising(known.map((p, i) => ({ p, value: values[i] }))) }, maxima, parts };
    },
  };
}

export interface MapCalibration {
  readonly mapScale: MapScale;
  readonly threshold: PixelThreshold;
}

/**
 * The scale of the heatmaps and the threshold of a pixel, from good images alone. The threshold is the conformal quantile
 * of the images' largest values, each part counted once: an image of a new good part shows a region with probability at
 * most `goodImageShare`.
 * @param statistics of one flow, or of the flows of a cross-calibration, each of the images held out of it
 * @throws UserError for a share that is not between 0 and 1
 */
export function calibrateMaps(
  statistics: readonly MapStatistics[],
  goodImageShare = defaultRegionShare,
): MapCalibration {
  const mapScale = meanScale(statistics.map(({ scale }) => scale));
  const maxima = statistics.flatMap((one) => one.maxima);
  const parts = statistics.flatMap((one) => one.parts);
  const { threshold: value, enough } = calibrate(maxima, goodImageShare, parts);
  return { mapScale, threshold: { value, pValue: pixelPValue(mapScale, value), goodImageShare, enough } };
}
