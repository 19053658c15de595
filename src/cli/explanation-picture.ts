import type { RgbImage } from '../data/types.js';
import type { Explanation } from '../inspector/explain/explanation.js';
import type { ModelMetadata } from '../inspector/model-metadata.js';
import { contactSheet, drawPositionMap, renderHeatmap, shrunk } from '../report/index.js';

/** Longer side of each picture in the panel. */
const side = 320;

/** Mean squared distances from what was expected: colours begin at half the unit and are hottest at twice of it. */
const calmDistance = 0.5 ** 2;
const hottestDistance = 2 ** 2;

/** What the rows of the picture show, for those who look at it. */
export const explanationRows =
  'first row: picture, anomaly map; second: z² of each scale; third: distance from what was expected, each scale';

/** The picture, its anomaly map, and for each scale the map of z² and the distance from what was expected. */
export async function drawExplanation(
  picture: RgbImage,
  { map, mapSize, scales }: Explanation,
  { calibration: { mapScale } }: Pick<ModelMetadata, 'calibration'>,
): Promise<RgbImage> {
  const image = await shrunk(picture, side);
  const heatmap = (values: Float32Array, [mapHeight, mapWidth]: readonly [number, number]): RgbImage =>
    renderHeatmap({ image, map: values, mapHeight, mapWidth, scale: mapScale });
  return contactSheet([
    [image, heatmap(map, mapSize)],
    scales.map((scale) => heatmap(scale.map, scale.mapSize)),
    scales.map(({ distance, mapSize: size }) =>
      drawPositionMap({ image, values: distance, size, low: calmDistance, high: hottestDistance }),
    ),
  ]);
}
