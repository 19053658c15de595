import { decodeImage, displayedImage } from '../data/index.js';
import type { RgbImage } from '../data/types.js';
import type { Inspector, Verdict } from '../inspector/inspector.js';
import { renderHeatmap, type LegendOptions } from '../report/index.js';

/** A verdict's anomaly map over its picture, on the model's own scale and with the regions above its threshold outlined. */
export function heatmapOver(image: RgbImage, { map, mapSize }: Verdict, { metadata }: Inspector): RgbImage {
  const [mapHeight, mapWidth] = mapSize;
  const { scale, threshold } = legendOf(metadata);
  return renderHeatmap({ image, map, mapHeight, mapWidth, scale, threshold: threshold.value });
}

/** What the colours and outlines of a model's heatmaps mean. */
export function legendOf({ calibration, threshold }: Inspector['metadata']) {
  return { scale: calibration.mapScale, threshold: threshold.pixel } satisfies LegendOptions;
}

/** A picture as it is to be looked at, and with its anomaly map over it. */
export async function heatmapOf(
  path: string,
  inspector: Inspector,
): Promise<{ readonly photo: RgbImage; readonly heatmap: RgbImage }> {
  const picture = await decodeImage(path);
  const photo = await displayedImage(path, picture);
  const heatmap = heatmapOver(photo, await inspector.inspect(picture), inspector);
  return { photo, heatmap };
}
