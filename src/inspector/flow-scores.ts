import { latentDimensions, mapSizeAt, scales } from '../csflow/index.js';
import { squaredNorm, total } from '../flow/index.js';
import { input, lower, mul, scale, sqrt, sub, writeOnnx } from '../graph/index.js';
import { valuesOf, type Device } from '../runtime/session.js';
import { feedsOf, type FeatureSet } from '../training/index.js';
import { moduleOf, standardisationLogDets, type TrainedFlow } from './trained-flow.js';

/** What a flow says of each sample of a set; where positions count by a share, of what counts. */
export interface FlowScores {
  /** The anomaly score: mean of z²/2. */
  readonly scores: Float64Array;
  /** −log p(features) / D without the constant ½ log 2π, in nats: the input transform's log-det is part of it. */
  readonly nats: Float64Array;
  /** The share of the values that count: 1 for all. */
  readonly shares: Float64Array;
}

export interface FlowScoring {
  /** @param features as the backbone gives them, with shares where the scoring was opened so */
  score(features: FeatureSet, signal?: AbortSignal): Promise<FlowScores>;
  close(): Promise<void>;
}

/** Samples scored at once. */
const together = 8;

/**
 * Opens a flow to score features. Unlike the score, the nats of flows with different input transforms can be compared:
 * both are densities over the same features.
 * @param flow over all three scales
 * @param counted whether positions count by a share
 */
export async function openFlowScoring(
  flow: TrainedFlow,
  counted: boolean,
  device: Device,
): Promise<FlowScoring> {
  const { configuration } = flow;
  const mapInput = (name: string, channels: number) => (s: number) =>
    input(`${name}${s}`, ['N', channels, ...mapSizeAt(configuration, s)]);
  const allScales = Array.from({ length: scales }, (_, s) => s);
  const weights = counted ? allScales.map(mapInput('w', 1)) : undefined;
  const inputs = allScales.map(mapInput('x', configuration.channels));
  const { outputs, logDets } = moduleOf(flow, weights).forward(inputs);
  // Of values times √share, the squares are the squares' share.
  const z = weights === undefined ? outputs : outputs.map((part, s) => mul(part, sqrt(weights[s])));
  const dimensions = latentDimensions(configuration);
  const score = scale(total(z.map((part) => squaredNorm(part))), 0.5 / dimensions);
  const logDet = total(logDets.filter((part) => part !== undefined));
  const program = { score, nats: sub(score, scale(logDet, 1 / dimensions)) };
  const session = await device.compile(writeOnnx(lower(program), { name: 'flow-scores' }));
  return {
    async score(features, signal) {
      const scores = new Float64Array(features.count);
      const nats = new Float64Array(features.count);
      for (let first = 0; first < features.count; first += together) {
        signal?.throwIfAborted();
        const taken = Math.min(together, features.count - first);
        const indices = Array.from({ length: taken }, (_, i) => first + i);
        const results = await session.run(feedsOf(features, indices, session.inputNames));
        scores.set(valuesOf(results, 'score', 'float32'), first);
        nats.set(valuesOf(results, 'nats', 'float32'), first);
      }
      return counted
        ? ofWhatCounts(flow, features, { scores, nats })
        : { scores, nats, shares: scores.map(() => 1) };
    },
    close: () => session.close(),
  };
}

/** The program divides by all values, and the transform's log-det is that of all positions. */
function ofWhatCounts(
  flow: TrainedFlow,
  { shares: maps = [], count }: FeatureSet,
  { scores, nats }: Pick<FlowScores, 'scores' | 'nats'>,
): FlowScores {
  const dimensions = latentDimensions(flow.configuration);
  const logDets = standardisationLogDets(flow);
  const shareOf = (i: number): number => {
    const area = maps[0].length / count;
    return maps[0].subarray(i * area, (i + 1) * area).reduce((sum, share) => sum + share, 0) / area;
  };
  const shares = scores.map((_, i) => shareOf(i));
  const uncounted = (i: number): number =>
    logDets.reduce((sum, logDet) => sum + logDet * (1 - shares[i]), 0) / dimensions;
  return {
    scores: scores.map((value, i) => value / shares[i]),
    nats: nats.map((value, i) => (value + uncounted(i)) / shares[i]),
    shares,
  };
}
