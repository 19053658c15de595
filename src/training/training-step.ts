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
  permutations,
  transpose,
  writeOnnx,
  type Layout,
  type LoweringOptions,
  type Node,
  type Program,
} from '../graph/index.js';
import type { BufferSlice, Bindings } from '../runtime/session.js';
import { adamUpdate, clipFactor, defaultAdam, flatten, totalNorm, type AdamOptions } from './adam.js';
import { layoutParameters, wholeSlice, type ParameterLayout, type UpdateRange } from './parameter-buffer.js';

/** Names of the three buffers that hold the state of training. */
export const stateBuffers = ['parameters', 'firstMoment', 'secondMoment'] as const;

export interface TrainingStepOptions {
  readonly adam?: AdamOptions;
  /** Largest total gradient norm; default 1. */
  readonly maxNorm?: number;
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

/**
 * A whole training step as one program: forward, loss, backward, clipping, Adam. Every use of a parameter comes
 * before the total norm, and every update after it, so the updates may be written over the values they read.
 */
export function trainingStep(
  configuration: FlowConfiguration,
  batch: number,
  { adam = defaultAdam, maxNorm = 1, layout: order = 'HWNC' }: TrainingStepOptions = {},
): TrainingStep {
  const layout = layoutParameters(parameterSpecs(configuration), order);
  const parameters = new Map(layout.slices.map(({ name, dims }) => [name, input(name, dims)]));
  const latents = toLatents(
    csFlow(configuration, (name) => parameters.get(name)!, order),
    arrangeFeatures(featureInputs(configuration, batch), configuration).map((x) =>
      order === 'HWNC' ? transpose(x, permutations.toHwnc) : x,
    ),
  );
  const loss = negativeLogLikelihood(latents, configuration, batch, order);
  const names = [...parameters.keys()];
  const gradientOf = new Map(gradients(loss, [...parameters.values()]).map((g, i) => [names[i], g]));
  const gradientNorm = totalNorm([...gradientOf.values()]);
  const factor = clipFactor(gradientNorm, maxNorm);
  const factors = {
    stepSize: input('stepSize', []),
    secondMomentCorrection: input('secondMomentCorrection', []),
  };

  const program: Record<string, Node> = { loss, gradientNorm };
  const inputs: Record<string, BufferSlice> = {};
  const outputs: Record<string, BufferSlice> = {};
  for (const slice of layout.slices) inputs[slice.name] = wholeSlice('parameters', slice);
  layout.ranges.forEach((range, i) => {
    const state = stateInputs(range, i);
    const gradient = flatten(range.parameters.map((name) => gradientOf.get(name)!));
    const next = adamUpdate(state, gradient, factor, factors, adam);
    for (const buffer of stateBuffers) {
      const place: BufferSlice = { buffer, offset: range.offset, dims: [range.length] };
      inputs[`${buffer}.${i}`] = place;
      outputs[`next.${buffer}.${i}`] = place;
      program[`next.${buffer}.${i}`] = next[buffer];
    }
  });
  return { program, bindings: { inputs, outputs }, layout };
}

function stateInputs(
  { length }: UpdateRange,
  i: number,
): Readonly<Record<(typeof stateBuffers)[number], Node>> {
  return {
    parameters: input(`parameters.${i}`, [length]),
    firstMoment: input(`firstMoment.${i}`, [length]),
    secondMoment: input(`secondMoment.${i}`, [length]),
  };
}

/** The step as the bytes of an ONNX model. */
export function writeTrainingStep({ program }: TrainingStep, options?: LoweringOptions): Uint8Array {
  return writeOnnx(lower(program, options), { name: 'training-step', firstOutput: 'done' });
}
