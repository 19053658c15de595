import { imageFeatures, type BackboneChoice } from '../backbone/index.js';
import { anomalyMap, anomalyScore, scaleMaps } from '../csflow/index.js';
import { input, type Program } from '../graph/index.js';
import type { Safetensors } from '../tensor/safetensors.js';
import { featureInputs } from '../training/index.js';
import { latentsOf, type TrainedFlow } from './trained-flow.js';

/** Inputs x0, x1, x2 (features as the backbone gives them); outputs `score` [N] and `map` [N, H, W] at scale 0. */
export function scoringProgram(flow: TrainedFlow): Program {
  const features = featureInputs(flow.configuration, 'N');
  const z = latentsOf(features, flow);
  return { score: anomalyScore(z, flow.configuration), map: scaleMaps(z, flow.configuration)[0] };
}

/** Input `image`: uint8 RGB [N, H, W, 3] of any H and W; outputs `score` [N] and `anomaly_map` [N, h, w]. */
export function detectorProgram(
  flow: TrainedFlow,
  size: readonly [height: number, width: number],
  backbone: BackboneChoice,
  weights: Safetensors,
): Program {
  const image = input('image', ['N', 'H', 'W', 3], 'uint8');
  const z = latentsOf(imageFeatures(image, size, backbone, weights), flow);
  return {
    score: anomalyScore(z, flow.configuration),
    anomaly_map: anomalyMap(z, flow.configuration, size),
  };
}
