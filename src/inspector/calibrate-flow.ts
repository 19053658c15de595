import { valuesOf, type Device } from '../runtime/session.js';
import { feedsOf, type FeatureSet } from '../training/index.js';
import { openScoring } from './detector-program.js';
import type { TrainedFlow } from './trained-flow.js';

/** What a flow says of good images that it has not seen. */
export interface UnseenScores {
  /** Anomaly scores, in the order of the images. */
  readonly scores: readonly number[];
  /** The range of the heatmaps' colours. */
  readonly mapScale: { readonly low: number; readonly high: number };
}

/** Heatmaps begin to colour where good parts seldom reach, and are full at a multiple of that. */
const quietQuantile = 0.98;
const fullOverQuiet = 2;

/**
 * Scores good images that the flow has not seen, and takes the colour scale from them.
 * @param together images scored at once
 */
export async function scoreUnseen(
  flow: TrainedFlow,
  features: FeatureSet,
  together: number,
  device: Device,
): Promise<UnseenScores> {
  const { count } = features;
  const batch = Math.min(count, together);
  const session = await openScoring(flow, batch, device);
  const scores: number[] = [];
  const values: number[] = [];
  for (let first = 0; first < count; first += batch) {
    // The last batch is filled up with the last image.
    const indices = Array.from({ length: batch }, (_, i) => Math.min(first + i, count - 1));
    const results = await session.run(feedsOf(features, indices, session.inputNames));
    const taken = Math.min(batch, count - first);
    const score = valuesOf(results, 'score', 'float32');
    const map = valuesOf(results, 'map', 'float32');
    scores.push(...score.subarray(0, taken));
    for (const value of map.subarray(0, taken * (map.length / batch))) values.push(value);
  }
  await session.close();
  const low = Float64Array.from(values).sort()[Math.floor((values.length - 1) * quietQuantile)];
  return { scores, mapScale: { low, high: fullOverQuiet * low } };
}
