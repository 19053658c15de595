import { calibrate, type Calibration } from '../evaluation/index.js';
import { lower, writeOnnx } from '../graph/index.js';
import { valuesOf, type Device } from '../runtime/session.js';
import { feedsOf, type FeatureSet } from '../training/index.js';
import { scoringProgram } from './detector-program.js';
import type { TrainedFlow } from './trained-flow.js';

export interface FlowCalibration {
  readonly calibration: Calibration;
  /** The range of the heatmaps' colours. */
  readonly mapScale: { readonly low: number; readonly high: number };
}

/** Heatmaps begin to colour where good parts seldom reach, and are full at a multiple of that. */
const quietQuantile = 0.98;
const fullOverQuiet = 2;

/** Scores good images that training has not seen, and takes the threshold and the colour scale from them. */
export async function calibrateFlow(
  flow: TrainedFlow,
  features: FeatureSet,
  falseRejectRate: number,
  device: Device,
): Promise<FlowCalibration> {
  const session = await device.compile(writeOnnx(lower(scoringProgram(flow)), { name: 'scoring' }));
  const scores: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < features.count; i++) {
    const results = await session.run(feedsOf(features, [i], session.inputNames));
    scores.push(valuesOf(results, 'score', 'float32')[0]);
    for (const value of valuesOf(results, 'map', 'float32')) values.push(value);
  }
  await session.close();
  const low = Float64Array.from(values).sort()[Math.floor((values.length - 1) * quietQuantile)];
  return { calibration: calibrate(scores, falseRejectRate), mapScale: { low, high: fullOverQuiet * low } };
}
