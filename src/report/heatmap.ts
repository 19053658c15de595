import type { RgbImage } from '../data/types.js';
import type { MapScale } from '../inspector/map-scale.js';
import { resizeBilinear } from '../view/index.js';
import { contourWidth, drawContour } from './contour.js';
import { blend, heatOn } from './heat-scale.js';

export interface HeatmapOptions {
  readonly image: RgbImage;
  /** `mapHeight · mapWidth` anomaly values, row by row; stretched over the whole picture. */
  readonly map: Float32Array;
  readonly mapHeight: number;
  readonly mapWidth: number;
  /** The model's own: colours say how seldom a good pixel is as odd. */
  readonly scale: MapScale;
  /** In units of the map: a line is drawn around what lies above it. Default: no line. */
  readonly threshold?: number;
}

/**
 * The anomaly map over the picture, at the picture's own size: colours from dark red to pale yellow that grow more opaque
 * as a pixel's p-value falls from 1 in 100 to 1 in 10,000. The scale comes from good images and is never fitted to one
 * map, which would make every good part look defective somewhere.
 * @throws RangeError for a map or picture whose length does not fit its size and for a map value that is not finite
 * (names its index)
 */
export function renderHeatmap(options: HeatmapOptions): RgbImage {
  checkOptions(options);
  const { image, map, mapHeight, mapWidth, scale, threshold } = options;
  const { height, width } = image;
  const values = resizeBilinear({ height: mapHeight, width: mapWidth, data: map }, height, width);
  const data = image.data.slice();
  const heatOf = heatOn(scale);
  for (let i = 0; i < values.data.length; i++) {
    const heat = heatOf(values.data[i]);
    if (heat !== undefined) blend(data, i, heat.colour, heat.opacity);
  }
  if (threshold !== undefined) drawContour(data, values, threshold, contourWidth(height, width));
  return { width, height, data };
}

function checkOptions({ image, map, mapHeight, mapWidth }: HeatmapOptions): void {
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
}
