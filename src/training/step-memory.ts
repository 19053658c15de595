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

/** Bytes that a training step of so many samples holds: its state, and what it needs while it runs. */
export function stepMemory(configuration: FlowConfiguration, batch: number): number {
  const { program, bindings } = trainingStep(configuration, batch);
  const { peak, constants } = memoryNeed(lower(program), new Set(Object.keys(bindings.outputs ?? {})));
  return stateBytes * parameterCount(configuration) + constants + arenaFactor * peak;
}

/** Bytes of the features of so many images, as they are extracted and joined for training. */
export function featureMemory(configuration: FlowConfiguration, images: number): number {
  return 2 * 4 * images * latentDimensions({ ...configuration, usedScales: undefined, cross: 'full' });
}
