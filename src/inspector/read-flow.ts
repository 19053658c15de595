import { embeddedWeights, mapSizeOf } from '../backbone/index.js';
import {
  branchesOf,
  parameterSpecs,
  scales,
  withGamma,
  type FlowConfiguration,
  type ParameterValues,
} from '../csflow/index.js';
import { UserError } from '../errors.js';
import { readOnnxConstants } from '../graph/index.js';
import type { Safetensors } from '../tensor/safetensors.js';
import type { FloatTensor } from '../tensor/tensor.js';
import { identityStandardisation, type Standardisation } from '../training/index.js';
import { readModelMetadata } from './inspector.js';
import type { ModelMetadata } from './model-metadata.js';
import { standardisationNames, type TrainedFlow } from './trained-flow.js';

/** What a model file was made of. */
export interface ReadModel {
  readonly metadata: ModelMetadata;
  readonly flow: TrainedFlow;
  /** The backbone's weights, with their normalisation folded in. */
  readonly backbone: Safetensors;
}

/** The flow's shape, from what a model file says of itself. */
export function configurationOf({ configuration }: ModelMetadata): FlowConfiguration {
  const { channels, size, hidden, kernels, clamp, gamma, usedScales, cross } = configuration;
  return { channels, mapSize: mapSizeOf(size), hidden, kernels, clamp, gamma, usedScales, cross };
}

/**
 * Reads the flow and the backbone back from a model file, whose constants go by the parameters' names. Features of a
 * scale that the flow does not use are left as they are.
 * @param source names the file in errors
 * @throws UserError where it is no model of csflow, or a constant is missing, of other sides or not finite
 */
export function readModel(model: Uint8Array, source: string): ReadModel {
  const metadata = readModelMetadata(model, source);
  const configuration = configurationOf(metadata);
  const constants = readOnnxConstants(model, source);
  const folded: ParameterValues = new Map(
    parameterSpecs({ ...configuration, gamma: false }).map(({ name, dims }) => [
      name,
      valuesOf(constants, name, dims, source),
    ]),
  );
  return {
    metadata,
    flow: {
      configuration,
      standardisation: readStandardisation(configuration, constants, source),
      parameters: withGamma(configuration, folded, checkedGammas(metadata, configuration, source)),
    },
    backbone: embeddedWeights(constants),
  };
}

/** The flow of a model file, for `openFlowModel`. */
export const readTrainedFlow = (model: Uint8Array, source: string): TrainedFlow =>
  readModel(model, source).flow;

function readStandardisation(
  configuration: FlowConfiguration,
  constants: ReadonlyMap<string, FloatTensor>,
  source: string,
): Standardisation {
  const { channels, cross, usedScales } = configuration;
  const used = cross === 'concat' ? usedScales! : branchesOf(configuration).map(({ scale }) => scale);
  const identity = identityStandardisation(channels, scales);
  return {
    scales: identity.scales.map((unchanged, scale) => {
      if (!used.includes(scale)) return unchanged;
      const names = standardisationNames(scale);
      const dims = [1, channels, 1, 1];
      return {
        mean: valuesOf(constants, names.mean, dims, source),
        deviation: valuesOf(constants, names.factor, dims, source).map((factor) => 1 / factor),
      };
    }),
  };
}

function checkedGammas(
  { gammas }: ModelMetadata,
  configuration: FlowConfiguration,
  source: string,
): readonly number[] {
  const { gamma, kernels } = configuration;
  const expected = gamma ? kernels.length * 2 * branchesOf(configuration).length : 0;
  if (gammas.length === expected) return gammas;
  throw new UserError(
    `${source}: its entry csflow.gammas is damaged (expected ${expected} numbers, got ${gammas.length})`,
  );
}

function valuesOf(
  constants: ReadonlyMap<string, FloatTensor>,
  name: string,
  dims: readonly number[],
  source: string,
): Float32Array {
  const tensor = constants.get(name);
  const came = tensor === undefined ? 'none' : `[${tensor.dims.join(', ')}]`;
  if (tensor === undefined || tensor.dims.join() !== dims.join()) {
    throw new UserError(
      `${source}: expected its weights ${name} of [${dims.join(', ')}], got ${came}; it is damaged or was changed: ` +
        'take the file that csflow train wrote',
    );
  }
  const wrong = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return tensor.data;
  throw new UserError(
    `${source}: its weights ${name} hold ${tensor.data[wrong]}, expected finite numbers; the file is damaged`,
  );
}
