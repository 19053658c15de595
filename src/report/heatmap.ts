import type { RgbImage } from '../data/types.js';
import { resizeBilinear, type Plane } from './bilinear.js';
import { inferno, type Colour } from './colour-map.js';

/** Which map values are calm and which are hot; the same for all pictures that are compared. */
export interface HeatmapScale {
  /** This and less leaves the picture as it is. */
  readonly low: number;
  /** This and more has the hottest colour. */
  readonly high: number;
}

export interface HeatmapOptions {
  readonly image: RgbImage;
  /** `mapHeight · mapWidth` anomaly values, row by row; stretched over the whole picture. */
  readonly map: Float32Array;
  readonly mapHeight: number;
  readonly mapWidth: number;
  readonly scale: HeatmapScale;
  /** In units of the map: a line is drawn around what lies above it. Default: no line. */
  readonly threshold?: number;
}

/** The hottest colour still lets the picture shine through. */
const MOST_OPAQUE = 0.65;
const LINE_COLOUR: Colour = [64, 224, 255];

/**
 * The anomaly map over the picture, at the picture's own size: colours from dark red to pale yellow that grow
 * more opaque with the value. The scale is the caller's and never fitted to one map, which would make every
 * good part look defective somewhere.
 * @throws RangeError for a map or picture whose length does not fit its size, for a map value that is not
 * finite (names its index) and for a scale without low < high
 */
export function renderHeatmap(options: HeatmapOptions): RgbImage {
  checkOptions(options);
  const { image, map, mapHeight, mapWidth, scale, threshold } = options;
  const { height, width } = image;
  const values = resizeBilinear({ height: mapHeight, width: mapWidth, data: map }, height, width);
  const data = image.data.slice();
  for (let i = 0; i < values.data.length; i++) {
    const heat = Math.min(1, (values.data[i] - scale.low) / (scale.high - scale.low));
    if (heat > 0) blend(data, i, inferno(WARMEST_START + (1 - WARMEST_START) * heat), opacity(heat));
  }
  if (threshold !== undefined) drawContour(data, values, threshold);
  return { width, height, data };
}

/** The darkest third of the colours would only make a picture look dirty. */
const WARMEST_START = 0.35;

/** Rises from 0 with slope 0, so that no edge shows where the heat begins. */
function opacity(heat: number): number {
  return MOST_OPAQUE * heat * heat * (3 - 2 * heat);
}

function blend(data: Uint8Array, pixel: number, colour: Colour, alpha: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const at = 3 * pixel + channel;
    data[at] = Math.round(data[at] + (colour[channel] - data[at]) * alpha);
  }
}

/** The line lies inside: pixels above the threshold with one at or below it within reach. */
function drawContour(data: Uint8Array, { height, width, data: values }: Plane, threshold: number): void {
  const reach = Math.max(1, Math.round(Math.min(height, width) / 250));
  const isOutside = (y: number, x: number): boolean =>
    y >= 0 && y < height && x >= 0 && x < width && !(values[y * width + x] > threshold);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (isOutside(y, x)) continue;
      const atEdge =
        isOutside(y - reach, x) ||
        isOutside(y + reach, x) ||
        isOutside(y, x - reach) ||
        isOutside(y, x + reach);
      if (atEdge) blend(data, y * width + x, LINE_COLOUR, 1);
    }
  }
}

function checkOptions({ image, map, mapHeight, mapWidth, scale }: HeatmapOptions): void {
  if (image.data.length !== image.width * image.height * 3) {
    throw new RangeError(
      `image: expected ${image.height} × ${image.width} × 3 values, got ${image.data.length} in all`,
    );
  }
  if (map.length === 0 || map.length !== mapHeight * mapWidth) {
    throw new RangeError(`map: expected ${mapHeight} × ${mapWidth} values, got ${map.length}`);
  }
  const wrong = map.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new RangeError(`map[${wrong}]: expected a finite number, got ${map[wrong]}`);
  if (!(scale.low < scale.high) || !Number.isFinite(scale.high - scale.low)) {
    throw new RangeError(`scale: expected finite low < high, got low ${scale.low}, high ${scale.high}`);
  }
}
