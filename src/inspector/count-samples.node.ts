import { imageSizes } from '../data/index.js';
import type { DatasetImage } from '../data/types.js';
import { viewsOf, type OpenRegion } from '../view/index.js';
import type { TrainingSettings } from './settings.js';

/** How many samples each picture makes: one, or as many as it has tiles; one that cannot be read none. */
export async function samplesOf(
  pictures: readonly DatasetImage[],
  { view, configuration: { mapSize } }: TrainingSettings,
  region?: OpenRegion,
): Promise<readonly number[]> {
  if (view.kind === 'whole') return pictures.map(() => 1);
  const sizes = await imageSizes(pictures);
  return sizes.map((size) =>
    size === undefined ? 0 : viewsOf([size.height, size.width], { view, region, mapSize }).length,
  );
}
