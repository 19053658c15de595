import type { RgbImage } from '../data/types.js';
import type { Inspector, Verdict } from '../inspector/inspector.js';
import { renderHeatmap } from '../report/index.js';

/** A verdict's anomaly map over its picture, on the model's own scale. */
export function heatmapOver(image: RgbImage, { map, mapSize }: Verdict, { metadata }: Inspector): RgbImage {
  const [mapHeight, mapWidth] = mapSize;
  return renderHeatmap({ image, map, mapHeight, mapWidth, scale: metadata.calibration.mapScale });
}
