import { branchesOf, mapSizeAt } from '../csflow/index.js';
import { calibrate, type Calibration } from '../evaluation/index.js';
import { valuesOf, type Device } from '../runtime/session.js';
import { feedsOf, type FeatureSet } from '../training/index.js';
import { openScoring, type MapChoice } from './detector-program.js';
import { mapCollector, type MapStatistics } from './map-calibration.js';
import type { TrainedFlow } from './trained-flow.js';

export interface FlowCalibration {
  readonly calibration: Calibration;
  /** What the images' anomaly maps say. */
  readonly maps: MapStatistics;
}

/**
 * Scores good images that training has not seen, and takes the threshold from them.
 * @param together images scored at once
 */
export async function calibrateFlow(
  flow: TrainedFlow,
  features: FeatureSet,
  falseRejectRate: number,
  choice: MapChoice,
  together: number,
  device: Device,
): Promise<FlowCalibration> {
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
  return { calibration: calibrate(scores, falseRejectRate), maps: maps.statistics() };
}
