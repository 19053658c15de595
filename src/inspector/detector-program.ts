import { imageFeatures, type BackboneChoice } from '../backbone/index.js';
import { anomalyMap, anomalyScore, compileFrozen, inferencePlan, scaleMaps } from '../csflow/index.js';
import { input, type Program } from '../graph/index.js';
import type { Device, Session } from '../runtime/session.js';
import type { Safetensors } from '../tensor/safetensors.js';
import { featureInputs } from '../training/index.js';
import { frozenDetector, type TrainedFlow } from './trained-flow.js';

/**
 * Scores so many samples at once. Inputs x0, x1, x2 (features as the backbone gives them) and the flow's weights where
 * its plan has them as inputs; outputs `score` [N] and `map` [N, H, W] at scale 0.
 */
export function openScoring(flow: TrainedFlow, batch: number, device: Device): Promise<Session> {
  const { configuration } = flow;
  const features = featureInputs(configuration, batch);
  const { z, weights } = frozenDetector(features, flow, inferencePlan(configuration, batch));
  const program = { score: anomalyScore(z, configuration), map: scaleMaps(z, configuration)[0] };
  return compileFrozen(device, program, weights, { name: 'scoring' });
}

/** Input `image`: uint8 RGB [N, H, W, 3] of any H and W; outputs `score` [N] and `anomaly_map` [N, h, w]. */
export function detectorProgram(
  flow: TrainedFlow,
  size: readonly [height: number, width: number],
  backbone: BackboneChoice,
  weights: Safetensors,
): Program {
  const image = input('image', ['N', 'H', 'W', 3], 'uint8');
  const features = imageFeatures(image, size, backbone, weights);
  const { z } = frozenDetector(features, flow, { layout: 'NCHW', weights: 'constants' });
  return {
    score: anomalyScore(z, flow.configuration),
    anomaly_map: anomalyMap(z, flow.configuration, size),
  };
}
