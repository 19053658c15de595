import {
  arrangeFeatures,
  csFlow,
  inferenceLowering,
  inferencePlan,
  parameterSpecs,
  toLatents,
  type FlowConfiguration,
  type InferencePlan,
} from '../csflow/index.js';
import { describeConvolutions, input, type ConvolutionDescription, type Program } from '../graph/index.js';
import { layoutParameters } from './parameter-buffer.js';
import { featureInputs, trainingStep } from './training-step.js';

/** How the convolutions of a flow are computed where it is trained, or infers so many samples at once. */
export interface ConvolutionPlans {
  readonly program: 'training step' | 'inference';
  readonly batch: number;
  readonly convolutions: readonly ConvolutionDescription[];
}

/** The flow's latents, its parameters being inputs, so that its convolutions have names. */
function inferenceProgram(
  configuration: FlowConfiguration,
  batch: number,
  { layout }: InferencePlan,
): Program {
  const { slices } = layoutParameters(parameterSpecs(configuration), layout);
  const parameters = new Map(slices.map(({ name, dims }) => [name, input(name, dims)]));
  const features = arrangeFeatures(featureInputs(configuration, batch), configuration);
  const { z } = toLatents(
    csFlow(configuration, (name) => parameters.get(name)!, layout),
    features,
    layout,
  );
  return Object.fromEntries(z.map((part, i) => [`z${i}`, part]));
}

/** The plans of a training step and of inference, of a batch and of one sample. */
export function convolutionPlans(
  configuration: FlowConfiguration,
  batch: number,
): readonly ConvolutionPlans[] {
  const inference = [...new Set([batch, 1])].map((samples) => {
    const plan = inferencePlan(configuration, samples);
    const program = inferenceProgram(configuration, samples, plan);
    return {
      program: 'inference' as const,
      batch: samples,
      convolutions: describeConvolutions(program, inferenceLowering(plan)),
    };
  });
  const { program } = trainingStep(configuration, batch);
  return [{ program: 'training step', batch, convolutions: describeConvolutions(program) }, ...inference];
}
