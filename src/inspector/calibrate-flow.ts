import { branchesOf, mapSizeAt } from '../csflow/index.js';
import { valuesOf, type Device } from '../runtime/session.js';
import { feedsOf, type FeatureSet } from '../training/index.js';
import { openScoring, type MapChoice } from './detector-program.js';
import { mapCollector, type MapStatistics } from './map-calibration.js';
import type { TrainedFlow } from './trained-flow.js';

/** What a flow says of good images that it has not seen. */
export interface UnseenScores {
  /** Anomaly scores, in the order of the images. */
  readonly scores: readonly number[];
  /** What the images' anomaly maps say. */
  readonly maps: MapStatistics;
}

/**
 * Scores good images that the flow has not seen, and counts the values of their anomaly maps.
 * @param together images scored at once
 */
export async function scoreUnseen(
  flow: TrainedFlow,
  features: FeatureSet,
  choice: MapChoice,
  together: number,
  device: Device,
): Promise<UnseenScores> {
  const { count } = features;
  const batch = Math.min(count, together);
  const session = await openScoring(flow, choice, batch, device);
  const scores: number[] = [];
  const [height, width] = mapSizeAt(flow.configuration, branchesOf(flow.configuration)[0].scale);
  const maps = mapCollector(height * width);
  for (let first = 0; first < count; first += batch) {
    // The last batch is filled up with the last image.
    const indices = Array.from({ length: batch }, (_, i) => Math.min(first + i, count - 1));
    const results = await session.run(feedsOf(features, indices, session.inputNames));
    const taken = Math.min(batch, count - first);
    const score = valuesOf(results, 'score', 'float32');
    const map = valuesOf(results, 'map', 'float32');
    scores.push(...score.subarray(0, taken));
    const pixels = map.length / batch;
    for (let i = 0; i < taken; i++) maps.add(map.subarray(i * pixels, (i + 1) * pixels));
  }
  await session.close();
  return { scores, maps: maps.statistics() };
}
