import { imageFeatures, type BackboneChoice } from '../backbone/index.js';
import {
  anomalyMap,
  anomalyScore,
  branchesOf,
  compileFrozen,
  inferencePlan,
  scoreMap,
  type FlowConfiguration,
  type MapCombination,
} from '../csflow/index.js';
import { input, lower, writeOnnx, type Node, type Program } from '../graph/index.js';
import type { Device, Session } from '../runtime/session.js';
import type { Safetensors } from '../tensor/safetensors.js';
import { featureInputs } from '../training/index.js';
import { viewsOf, type OpenRegion, type View } from '../view/index.js';
import { frozenDetector, type TrainedFlow } from './trained-flow.js';

export interface DetectorView {
  readonly view: View;
  readonly region?: OpenRegion;
}

/** The anomaly map that a detector gives. */
export interface MapChoice {
  readonly combination: MapCombination;
  /** Of the map: the model's image size. */
  readonly size: readonly [height: number, width: number];
}

/**
 * What a model says from its latents [N, C, H/2ˢ, W/2ˢ]: `score` [N] and `anomaly_map` [N, h, w]. A region is part of the
 * program where it sees whole pictures; where it sees tiles, a third output `score_map` [N, h/32, w/32] says where each
 * tile's score lies, so that what is outside can be left out.
 */
function detectorOutputs(
  z: readonly Node[],
  configuration: FlowConfiguration,
  { combination, size }: MapChoice,
  { view, region }: DetectorView,
): Program {
  switch (view.kind) {
    case 'whole': {
      const { mapSize } = configuration;
      const counted = region && {
        shares: viewsOf(size, { view, region, mapSize })[0].shares!,
        inside: region.pixels(...size),
      };
      return {
        score: anomalyScore(z, configuration, counted),
        anomaly_map: anomalyMap(z, configuration, size, combination, counted),
      };
    }
    case 'tiles':
      return {
        score: anomalyScore(z, configuration),
        anomaly_map: anomalyMap(z, configuration, size, combination),
        ...(region && { score_map: scoreMap(z, configuration) }),
      };
  }
}

/**
 * Scores so many samples at once, in a few runs: of the pictures that a threshold is set by. Inputs x0, x1, x2 (features as the backbone gives them) and the flow's weights where
 * its plan has them as inputs; outputs as the model file gives them.
 */
export function openScoring(
  flow: TrainedFlow,
  choice: MapChoice,
  view: DetectorView,
  batch: number,
  device: Device,
): Promise<Session> {
  const { configuration } = flow;
  const features = featureInputs(configuration, batch);
  const frozen = frozenDetector(features, flow, inferencePlan(configuration, batch, 'few'));
  const program = detectorOutputs(frozen.z, configuration, choice, view);
  return compileFrozen(device, program, frozen, { name: 'scoring' });
}

/**
 * Values inside a model file that go by names: `u<s>`, what the flow reads of each of its branches (standardised
 * features), and `z<s>`, the latents, both [N, C, H/2ˢ, W/2ˢ] with the branch's scale s.
 */
export function innerNames(configuration: FlowConfiguration): {
  readonly inputs: readonly string[];
  readonly latents: readonly string[];
} {
  const branches = branchesOf(configuration);
  return {
    inputs: branches.map(({ scale }) => `u${scale}`),
    latents: branches.map(({ scale }) => `z${scale}`),
  };
}

/**
 * Input `image`: uint8 RGB [N, H, W, 3] of any H and W; outputs `score` [N] and `anomaly_map` [N, h, w], and of tiles with
 * a region `score_map`; inner values as of `innerNames`.
 */
export function detectorProgram(
  flow: TrainedFlow,
  choice: MapChoice,
  backbone: BackboneChoice,
  weights: Safetensors,
  view: DetectorView,
): Program {
  const image = input('image', ['N', 'H', 'W', 3], 'uint8');
  const features = imageFeatures(image, choice.size, backbone, weights);
  const { inputs, z } = frozenDetector(features, flow, { layout: 'NCHW', weights: 'constants' });
  const names = innerNames(flow.configuration);
  return {
    ...detectorOutputs(z, flow.configuration, choice, view),
    ...Object.fromEntries(inputs.map((node, i) => [names.inputs[i], node])),
    ...Object.fromEntries(z.map((node, i) => [names.latents[i], node])),
  };
}

/** The bytes of a model file. */
export function writeDetector(
  program: Program,
  configuration: FlowConfiguration,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { inputs, latents } = innerNames(configuration);
  return writeOnnx(lower(program), { name: 'csflow', metadata, inner: [...inputs, ...latents] });
}
