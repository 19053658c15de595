import {
  arrangeFeatures,
  csFlow,
  mapSizeAt,
  negativeLogLikelihood,
  parameterSpecs,
  scales,
  toLatents,
  type FlowConfiguration,
} from '../csflow/index.js';
import {
  gradients,
  input,
  lower,
  writeOnnx,
  type Layout,
  type LoweringOptions,
  type Node,
  type Program,
} from '../graph/index.js';
import type { Bindings } from '../runtime/session.js';
import { layoutParameters, type ParameterLayout } from './parameter-buffer.js';
import { parameterUpdate, type UpdateOptions } from './parameter-update.js';

export { stateBuffers } from './parameter-update.js';

export interface TrainingStepOptions extends UpdateOptions {
  /** Default HWNC, whose convolutions are lowered to Winograd products. */
  readonly layout?: Layout;
}

export interface TrainingStep {
  /** Inputs x0, x1, x2, stepSize, secondMomentCorrection; outputs loss and gradientNorm. */
  readonly program: Program;
  readonly bindings: Bindings;
  readonly layout: ParameterLayout;
}

/** The inputs x0, x1, x2 of a batch. */
export function featureInputs(configuration: FlowConfiguration, batch: number | string): readonly Node[] {
  return Array.from({ length: scales }, (_, s) =>
    input(`x${s}`, [batch, configuration.channels, ...mapSizeAt(configuration, s)]),
  );
}

/** A whole training step as one program: forward, loss, backward, clipping, Adam. */
export function trainingStep(
  configuration: FlowConfiguration,
  batch: number,
  { layout: order = 'HWNC', ...options }: TrainingStepOptions = {},
): TrainingStep {
  const layout = layoutParameters(parameterSpecs(configuration), order);
  const parameters = new Map(layout.slices.map(({ name, dims }) => [name, input(name, dims)]));
  const latents = toLatents(
    csFlow(configuration, (name) => parameters.get(name)!, order),
    arrangeFeatures(featureInputs(configuration, batch), configuration),
    order,
  );
  const loss = negativeLogLikelihood(latents, configuration, batch, order);
  const names = [...parameters.keys()];
  const gradientOf = new Map(gradients(loss, [...parameters.values()]).map((g, i) => [names[i], g]));
  const update = parameterUpdate(loss, layout, gradientOf, options);
  return { program: { loss, ...update.program }, bindings: update.bindings, layout };
}

/** The step as the bytes of an ONNX model. */
export function writeTrainingStep({ program }: TrainingStep, options?: LoweringOptions): Uint8Array {
  return writeOnnx(lower(program, options), { name: 'training-step', firstOutput: 'done', hideShapes: true });
}
