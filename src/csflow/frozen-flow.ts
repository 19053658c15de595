import {
  cheapestByCosts,
  constant,
  input,
  neg,
  permutations,
  transpose,
  type Layout,
  type LoweringOptions,
  type Node,
  type ConvolutionCosts,
} from '../graph/index.js';
import type { InvertibleModule } from '../flow/index.js';
import type { BufferOptions } from '../runtime/session.js';
import { elementCount, permuteAxes, permuteInPlace, type FloatTensor } from '../tensor/tensor.js';
import type { FlowConfiguration } from './configuration.js';
import { csFlow, demandLogDet, toLatents } from './flow.js';
import { gammaAsFactors, type FactoredParameter, type ParameterSequence } from './fold-gamma.js';
import { parameterSpecs } from './parameters.js';

/** How a flow whose weights are known is computed. */
export interface InferencePlan {
  /** HWNC is lowered to products of matrices, Winograd's and kn2row's. */
  readonly layout: Layout;
  /**
   * As constants the runtime arranges weights for its kernels once; as inputs it works on them where they are;
   * transformed, they are inputs whose Winograd transforms are computed once, when a session is opened.
   */
  readonly weights: 'constants' | 'inputs' | 'transformed';
}

/** Positions at scale 0, over all samples, from which Winograd products are faster than direct convolutions. */
const manyPositions = 512;
/** Weights, in bytes, that may be in memory several times; rearranging larger ones also brings nothing. */
const fewWeights = 100e6;
/** Positions up to which the transforms of kernels are a large part of a run, and worth to be kept. */
const fewPositions = 2048;
/** Weights, in bytes, whose transforms may be kept: they are two to three times as large. */
const fewToTransform = 150e6;

/** What reading a transformed kernel costs where nothing computes it in a run, in the units of `convolutionCosts`. */
const storedKernelCosts: ConvolutionCosts = { data: 30, weights: 120, transformedKernel: 0, kernelTaps: 0 };

/** Of the forward pass alone, in which a kernel is transformed for one product instead of three. */
const forwardCosts: ConvolutionCosts = { data: 20, weights: 45, transformedKernel: 75, kernelTaps: 2.2 };

export const inferenceLowering = ({ weights }: InferencePlan): LoweringOptions => ({
  convolution: cheapestByCosts(weights === 'transformed' ? storedKernelCosts : forwardCosts),
});

const weightBytes = (configuration: FlowConfiguration): number =>
  parameterSpecs(configuration).reduce((sum, { dims }) => sum + 4 * elementCount(dims), 0);

/** How weights are given to direct convolutions. */
export const inverseWeights = (configuration: FlowConfiguration): 'constants' | 'inputs' =>
  weightBytes(configuration) <= fewWeights ? 'constants' : 'inputs';

/**
 * The faster way for a batch, in little more memory than the weights and what they are applied to need.
 * @param runs whether a session runs often enough that transforms of its weights, two to three times as large, are worth
 * their time and memory
 */
export function inferencePlan(
  configuration: FlowConfiguration,
  batch: number,
  runs: 'many' | 'few' = 'many',
): InferencePlan {
  const [height, width] = configuration.mapSize;
  const positions = batch * height * width;
  if (positions >= manyPositions) {
    const kept = runs === 'many' && positions < fewPositions && weightBytes(configuration) <= fewToTransform;
    return { layout: 'HWNC', weights: kept ? 'transformed' : 'inputs' };
  }
  return { layout: 'NCHW', weights: inverseWeights(configuration) };
}

/** Weights as they are to be placed on a device. */
export interface FrozenWeights {
  readonly plan: InferencePlan;
  /** Those that are inputs, by the inputs' names. */
  readonly weights: Map<string, FloatTensor>;
  /** The session that is opened takes them out one by one. */
  readonly givenUp: boolean;
}

export interface FrozenFlow extends FrozenWeights {
  /** z of each branch, [N, C, H/2ˢ, W/2ˢ]. */
  readonly z: readonly Node[];
}

/** The order of convolution weights, from [K, C, kh, kw]. */
function weightOrder({ layout, weights }: InferencePlan): readonly number[] | undefined {
  if (layout === 'NCHW') return undefined;
  // ONNX Runtime packs the right side of a product, a transposed one in less time where it meets few rows.
  return weights === 'constants' ? permutations.weightsToHwio : permutations.weightsToHwoi;
}

/** A weight in its order and a bias as it is, times their factor: in the array that they are in, or in a new one. */
type Arrange = (dims: readonly number[], parameter: FactoredParameter) => FloatTensor;

function arrangement(order: readonly number[] | undefined, inPlace: boolean): Arrange {
  // One for all: arrays that come and go leave gaps that the process keeps.
  let spare = new Float32Array(0);
  const permuted = (values: Float32Array, dims: readonly number[], to: readonly number[]): Float32Array => {
    if (!inPlace) return permuteAxes(values, dims, to);
    if (spare.length < values.length) spare = new Float32Array(values.length);
    permuteInPlace(values, dims, to, spare);
    return values;
  };
  return (dims, { values, factor }) => {
    const turned = order !== undefined && dims.length === 4;
    let data = turned ? permuted(values, dims, order) : values;
    if (factor !== undefined) {
      if (data === values && !inPlace) data = values.slice();
      for (let i = 0; i < data.length; i++) data[i] *= factor;
    }
    return { dtype: 'float32', dims: turned ? order.map((axis) => dims[axis]) : dims, data };
  };
}

/** The weight in the layout's own order. */
const inLayout = (weight: Node, order?: readonly number[]): Node =>
  order === permutations.weightsToHwoi && weight.type.dims.length === 4
    ? transpose(weight, permutations.exchangeChannels)
    : weight;

interface FrozenModule extends FrozenWeights {
  readonly flow: InvertibleModule;
}

/** Weights that are constants have their parameters' names, by which they are found again in a model file. */
function frozenModule(
  configuration: FlowConfiguration,
  parameters: ParameterSequence,
  plan: InferencePlan,
  givenUp: boolean,
): FrozenModule {
  const frozen = { ...configuration, gamma: false };
  const missing = new Map(parameterSpecs(frozen).map((spec) => [spec.name, spec]));
  const weights = new Map<string, FloatTensor>();
  const order = weightOrder(plan);
  const arrange = arrangement(order, givenUp);
  const nodes = new Map<string, Node>();
  for (const parameter of gammaAsFactors(configuration, parameters)) {
    const { name, values } = parameter;
    const spec = missing.get(name);
    if (spec === undefined || values.length !== elementCount(spec.dims)) continue;
    missing.delete(name);
    const weight = arrange(spec.dims, parameter);
    if (plan.weights !== 'constants') weights.set(name, weight);
    const node = plan.weights === 'constants' ? constant(weight, name) : input(name, weight.dims);
    nodes.set(name, inLayout(node, order));
  }
  for (const { name, dims } of missing.values()) {
    throw new TypeError(`parameter ${name}: expected ${elementCount(dims)} values`);
  }
  return { flow: csFlow(frozen, (name) => nodes.get(name)!, plan.layout), weights, plan, givenUp };
}

/**
 * A flow whose parameters are known: gamma is part of its weights.
 * @param features the flow's branches, [N, C, H/2ˢ, W/2ˢ]; N a number for HWNC
 * @param options.givenUp the arrays of `parameters` become the flow's own, which arranges them where they are, and then
 * those of the one session that is opened
 * @throws TypeError naming a parameter that is missing or of another size
 */
export function frozenFlow(
  configuration: FlowConfiguration,
  parameters: ParameterSequence,
  features: readonly Node[],
  plan: InferencePlan,
  { givenUp = false }: BufferOptions = {},
): FrozenFlow {
  const { flow, weights } = frozenModule(configuration, parameters, plan, givenUp);
  const { z } = toLatents(flow, features, plan.layout);
  const outside = plan.layout === 'NCHW' ? z : z.map((part) => transpose(part, permutations.toNchw));
  return { z: outside, weights, plan, givenUp };
}

export interface FrozenInverse extends FrozenWeights {
  /** What the flow reads, of each branch, [N, C, H/2ˢ, W/2ˢ]. */
  readonly features: readonly Node[];
  /** log |det J| of the way from features to latents, of each branch, [N]. */
  readonly logDets: readonly Node[];
}

/**
 * The inverse of `frozenFlow`, computed directly (layout NCHW).
 * @param z of each branch, [N, C, H/2ˢ, W/2ˢ]
 * @param weights as of `InferencePlan`
 * @throws TypeError naming a parameter that is missing or of another size
 */
export function frozenInverse(
  configuration: FlowConfiguration,
  parameters: ParameterSequence,
  z: readonly Node[],
  weights: 'constants' | 'inputs',
): FrozenInverse {
  const frozen = frozenModule(configuration, parameters, { layout: 'NCHW', weights }, false);
  const { flow, ...rest } = frozen;
  const { outputs, logDets } = flow.inverse(z);
  return { features: outputs, logDets: logDets.map((logDet) => neg(demandLogDet(logDet))), ...rest };
}
