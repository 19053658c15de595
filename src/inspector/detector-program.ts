import { imageFeatures, type BackboneChoice } from '../backbone/index.js';
import {
  anomalyMap,
  anomalyScore,
  branchesOf,
  compileFrozen,
  inferencePlan,
  type FlowConfiguration,
  type MapCombination,
} from '../csflow/index.js';
import { input, lower, writeOnnx, type Program } from '../graph/index.js';
import type { Device, Session } from '../runtime/session.js';
import type { Safetensors } from '../tensor/safetensors.js';
import { featureInputs } from '../training/index.js';
import { frozenDetector, type TrainedFlow } from './trained-flow.js';

/** The anomaly map that a detector gives. */
export interface MapChoice {
  readonly combination: MapCombination;
  /** Of the map: the model's image size. */
  readonly size: readonly [height: number, width: number];
}

/**
 * Scores so many samples at once. Inputs x0, x1, x2 (features as the backbone gives them) and the flow's weights where
 * its plan has them as inputs; outputs `score` [N] and `map` [N, height, width], as the model file gives them.
 */
export function openScoring(
  flow: TrainedFlow,
  { combination, size }: MapChoice,
  batch: number,
  device: Device,
): Promise<Session> {
  const { configuration } = flow;
  const features = featureInputs(configuration, batch);
  const { z, weights } = frozenDetector(features, flow, inferencePlan(configuration, batch));
  const program = {
    score: anomalyScore(z, configuration),
    map: anomalyMap(z, configuration, size, combination),
  };
  return compileFrozen(device, program, weights, { name: 'scoring' });
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
 * Input `image`: uint8 RGB [N, H, W, 3] of any H and W; outputs `score` [N] and `anomaly_map` [N, h, w]; inner values as
 * of `innerNames`.
 */
export function detectorProgram(
  flow: TrainedFlow,
  { combination, size }: MapChoice,
  backbone: BackboneChoice,
  weights: Safetensors,
): Program {
  const image = input('image', ['N', 'H', 'W', 3], 'uint8');
  const features = imageFeatures(image, size, backbone, weights);
  const { inputs, z } = frozenDetector(features, flow, { layout: 'NCHW', weights: 'constants' });
  const names = innerNames(flow.configuration);
  return {
    score: anomalyScore(z, flow.configuration),
    anomaly_map: anomalyMap(z, flow.configuration, size, combination),
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
