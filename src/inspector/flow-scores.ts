import { latentDimensions } from '../csflow/index.js';
import { squaredNorm, total } from '../flow/index.js';
import { input, lower, scale, sub, writeOnnx } from '../graph/index.js';
import { valuesOf, type Device } from '../runtime/session.js';
import { feedsOf, type FeatureSet } from '../training/index.js';
import { moduleOf, type TrainedFlow } from './trained-flow.js';

/** What a flow says of each image of a set. */
export interface FlowScores {
  /** The anomaly score: mean of z²/2. */
  readonly scores: Float64Array;
  /** −log p(features) / D without the constant ½ log 2π, in nats: the input transform's log-det is part of it. */
  readonly nats: Float64Array;
}

/** Images scored at once. */
const together = 8;

/**
 * Scores features as the backbone gives them. Unlike the score, the nats of flows with different input transforms can
 * be compared: both are densities over the same features.
 * @param flow over all three scales
 */
export async function scoreWithFlow(
  flow: TrainedFlow,
  features: FeatureSet,
  device: Device,
  signal?: AbortSignal,
): Promise<FlowScores> {
  const inputs = features.mapSizes.map(([height, width], s) =>
    input(`x${s}`, ['N', features.channels, height, width]),
  );
  const { outputs, logDets } = moduleOf(flow).forward(inputs);
  const dimensions = latentDimensions(flow.configuration);
  const score = scale(total(outputs.map((z) => squaredNorm(z))), 0.5 / dimensions);
  const logDet = total(logDets.filter((part) => part !== undefined));
  const program = { score, nats: sub(score, scale(logDet, 1 / dimensions)) };
  const session = await device.compile(writeOnnx(lower(program), { name: 'flow-scores' }));
  const scores = new Float64Array(features.count);
  const nats = new Float64Array(features.count);
  try {
    for (let first = 0; first < features.count; first += together) {
      signal?.throwIfAborted();
      const taken = Math.min(together, features.count - first);
      const indices = Array.from({ length: taken }, (_, i) => first + i);
      const results = await session.run(feedsOf(features, indices, session.inputNames));
      scores.set(valuesOf(results, 'score', 'float32'), first);
      nats.set(valuesOf(results, 'nats', 'float32'), first);
    }
  } finally {
    await session.close();
  }
  return { scores, nats };
}
