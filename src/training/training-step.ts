import {
  arrangeFeatures,
  branchesOf,
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
  permutations,
  transpose,
  writeOnnx,
  type Layout,
  type LoweringOptions,
  type Node,
  type Program,
} from '../graph/index.js';
import type { Bindings } from '../runtime/session.js';
import { layoutParameters, type ParameterLayout } from './parameter-buffer.js';
import { parameterUpdate, type UpdateOptions } from './parameter-update.js';

export { dropState, placeState, stateBuffers } from './parameter-update.js';

export interface TrainingStepOptions extends UpdateOptions {
  /** Default HWNC, whose convolutions are lowered to products of matrices. */
  readonly layout?: Layout;
  /** Where positions count by a share, those of inputs w0, w1, w2: their mean over all samples. Default: all count. */
  readonly meanShare?: number;
}

export interface TrainingStep {
  /** Inputs x0, x1, x2 (and w0, w1, w2 [N, 1, H/2ˢ, W/2ˢ] where positions count by a share), stepSize, secondMomentCorrection; outputs loss and gradientNorm. */
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

/** How much each position of a batch counts, of the branches in their layout. */
function shareInputs(configuration: FlowConfiguration, batch: number, order: Layout): readonly Node[] {
  return branchesOf(configuration).map(({ scale }) => {
    const shares = input(`w${scale}`, [batch, 1, ...mapSizeAt(configuration, scale)]);
    return order === 'NCHW' ? shares : transpose(shares, permutations.toHwnc);
  });
}

/** A whole training step as one program: forward, loss, backward, clipping, Adam. */
export function trainingStep(
  configuration: FlowConfiguration,
  batch: number,
  { layout: order = 'HWNC', meanShare, ...options }: TrainingStepOptions = {},
): TrainingStep {
  const layout = layoutParameters(parameterSpecs(configuration), order);
  const parameters = new Map(layout.slices.map(({ name, dims }) => [name, input(name, dims)]));
  const shares = meanShare === undefined ? undefined : shareInputs(configuration, batch, order);
  const latents = toLatents(
    csFlow(configuration, (name) => parameters.get(name)!, order, shares),
    arrangeFeatures(featureInputs(configuration, batch), configuration),
    order,
  );
  const counted = shares === undefined || meanShare === undefined ? undefined : { shares, meanShare };
  const loss = negativeLogLikelihood(latents, configuration, batch, order, counted);
  const names = [...parameters.keys()];
  const gradientOf = new Map(gradients(loss, [...parameters.values()]).map((g, i) => [names[i], g]));
  const update = parameterUpdate(loss, layout, gradientOf, options);
  return { program: { loss, ...update.program }, bindings: update.bindings, layout };
}

/** The step as the bytes of an ONNX model. */
export function writeTrainingStep({ program }: TrainingStep, options?: LoweringOptions): Uint8Array {
  return writeOnnx(lower(program, options), { name: 'training-step', firstOutput: 'done', hideShapes: true });
}

/** A step without its program, whose nodes take tens of megabytes. */
export interface WrittenStep extends Pick<TrainingStep, 'bindings' | 'layout'> {
  readonly model: Uint8Array;
}

/** A whole training step as the bytes of an ONNX model. */
export function writtenStep(
  configuration: FlowConfiguration,
  batch: number,
  options?: TrainingStepOptions,
): WrittenStep {
  const step = trainingStep(configuration, batch, options);
  return { model: writeTrainingStep(step), bindings: step.bindings, layout: step.layout };
}
