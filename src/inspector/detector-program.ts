import { imageFeatures, type BackboneChoice } from '../backbone/index.js';
import {
  anomalyMap,
  anomalyScore,
  csFlow,
  mapSizeAt,
  parameterSpecs,
  scaleMaps,
  toLatents,
  type FlowConfiguration,
  type Latents,
  type ParameterValues,
} from '../csflow/index.js';
import { constant, input, mul, sub, type Node, type Program } from '../graph/index.js';
import type { Safetensors } from '../tensor/safetensors.js';
import type { Standardisation } from '../training/index.js';

/** A trained flow with the transform of its inputs. */
export interface TrainedFlow {
  readonly configuration: FlowConfiguration;
  readonly standardisation: Standardisation;
  readonly parameters: ParameterValues;
}

const perChannel = (values: Float32Array): Node =>
  constant({ dtype: 'float32', dims: [1, values.length, 1, 1], data: values });

function latentsOf(
  features: readonly Node[],
  { configuration, standardisation, parameters }: TrainedFlow,
): Latents {
  const standardised = features.map((x, s) => {
    const { mean, deviation } = standardisation.scales[s];
    return mul(sub(x, perChannel(mean)), perChannel(deviation.map((value) => 1 / value)));
  });
  const nodes = new Map(
    parameterSpecs(configuration).map(({ name, dims }) => [
      name,
      constant({ dtype: 'float32', dims, data: parameters.get(name)! }),
    ]),
  );
  return toLatents(
    csFlow(configuration, (name) => nodes.get(name)!),
    standardised,
  );
}

/** Inputs x0, x1, x2 (features as the backbone gives them); outputs `score` [N] and `map` [N, H, W] at scale 0. */
export function scoringProgram(flow: TrainedFlow): Program {
  const { channels } = flow.configuration;
  const features = [0, 1, 2].map((s) => input(`x${s}`, ['N', channels, ...mapSizeAt(flow.configuration, s)]));
  const { z } = latentsOf(features, flow);
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
  const { z } = latentsOf(imageFeatures(image, size, backbone, weights), flow);
  return {
    score: anomalyScore(z, flow.configuration),
    anomaly_map: anomalyMap(z, flow.configuration, size),
  };
}
