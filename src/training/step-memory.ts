import { elementCount } from '../tensor/tensor.js';
import { latentDimensions, parameterSpecs, type FlowConfiguration } from '../csflow/index.js';
import { lower, memoryNeed } from '../graph/index.js';
import { trainingStep } from './training-step.js';

/** Learned values of a flow. */
export function parameterCount(configuration: FlowConfiguration): number {
  return parameterSpecs(configuration).reduce((sum, { dims }) => sum + elementCount(dims), 0);
}

/** Parameters and two moments in float32. */
const stateBytes = 12;
/** What ONNX Runtime's arena holds, of what is needed at one time; measured. */
const arenaFactor = 1.27;

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

/** Bytes of the features of so many images, as they are extracted and joined for training. */
export function featureMemory(configuration: FlowConfiguration, images: number): number {
  return 2 * 4 * images * latentDimensions({ ...configuration, usedScales: undefined, cross: 'full' });
}
