import { elementCount } from '../tensor/tensor.js';
import {
  branchesOf,
  latentDimensions,
  mapSizeAt,
  parameterSpecs,
  type FlowConfiguration,
} from '../csflow/index.js';
import { lower, memoryNeed } from '../graph/index.js';
import { trainingStep } from './training-step.js';

/** Learned values of a flow. */
export function parameterCount(configuration: FlowConfiguration): number {
  return parameterSpecs(configuration).reduce((sum, { dims }) => sum + elementCount(dims), 0);
}

/** Parameters and two moments in float32. */
const stateBytes = 12;
/** What ONNX Runtime's arena holds, of what is needed at one time; measured. */
const arenaFactor = 1.2;

/** What ONNX Runtime holds for steps of so many samples. */
function arenaMemory(configuration: FlowConfiguration, samples: number): number {
  const { program, bindings } = trainingStep(configuration, samples);
  const { peak, constants } = memoryNeed(lower(program), new Set(Object.keys(bindings.outputs ?? {})));
  return constants + arenaFactor * peak;
}

/**
 * Bytes that training in batches holds: its state, and what steps need while they run, the last one of an epoch apart
 * where it is smaller.
 */
export function stepMemory(configuration: FlowConfiguration, batch: number, images: number): number {
  const sizes = [Math.min(batch, images), images > batch ? images % batch : 0].filter((size) => size > 0);
  const arenas = sizes.reduce((sum, size) => sum + arenaMemory(configuration, size), 0);
  return stateBytes * parameterCount(configuration) + arenas;
}

/** Of the step's program and its constants, whatever the flow's size. */
const leastMemory = 20e6;
/** Parameters, their moments, gradients and what the allocator adds. */
const parameterBytes = 24;
/** Maps of a coupling block that are held for each side of its kernel. */
const mapsHeld = 10;

/** More than `stepMemory` gives, by a rule of thumb: a program is not built for it. */
export function mostStepMemory(configuration: FlowConfiguration, batch: number, images: number): number {
  const samples = Math.min(batch, images) + (images > batch ? images % batch : 0);
  const values = branchesOf(configuration).reduce((sum, { scale, channels }) => {
    const [height, width] = mapSizeAt(configuration, scale);
    return sum + height * width * (channels + configuration.hidden);
  }, 0);
  const maps = configuration.kernels.reduce((sum, kernel) => sum + mapsHeld * kernel, 0);
  return leastMemory + parameterBytes * parameterCount(configuration) + 4 * samples * values * maps;
}

/** Bytes of the features of so many images, as they are extracted and joined for training. */
export function featureMemory(configuration: FlowConfiguration, images: number): number {
  return 2 * 4 * images * latentDimensions({ ...configuration, usedScales: undefined, cross: 'full' });
}
