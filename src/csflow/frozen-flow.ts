import {
  constant,
  input,
  lower,
  neg,
  permutations,
  transpose,
  writeOnnx,
  type Layout,
  type Node,
  type Program,
} from '../graph/index.js';
import type { InvertibleModule } from '../flow/index.js';
import type { BufferOptions, BufferSlice, Device, Session } from '../runtime/session.js';
import { elementCount, permuteAxes, type FloatTensor } from '../tensor/tensor.js';
import type { FlowConfiguration } from './configuration.js';
import { csFlow, demandLogDet, toLatents } from './flow.js';
import { withoutGamma, type ParameterSequence } from './fold-gamma.js';
import { parameterSpecs } from './parameters.js';

/** How a flow whose weights are known is computed. */
export interface InferencePlan {
  /** HWNC is lowered to Winograd products. */
  readonly layout: Layout;
  /** As constants the runtime arranges weights for its kernels once; as inputs it works on them where they are. */
  readonly weights: 'constants' | 'inputs';
}

/** Positions at scale 0, over all samples, from which Winograd products are faster than direct convolutions. */
const manyPositions = 512;
/** Weights, in bytes, that may be in memory several times; rearranging larger ones also brings nothing. */
const fewWeights = 100e6;

/** The faster way for a batch, in no more memory than the weights and what they are applied to need. */
export function inferencePlan(configuration: FlowConfiguration, batch: number): InferencePlan {
  const [height, width] = configuration.mapSize;
  if (batch * height * width >= manyPositions) return { layout: 'HWNC', weights: 'inputs' };
  const bytes = parameterSpecs(configuration).reduce((sum, { dims }) => sum + 4 * elementCount(dims), 0);
  return { layout: 'NCHW', weights: bytes <= fewWeights ? 'constants' : 'inputs' };
}

export interface FrozenFlow {
  /** z of each branch, [N, C, H/2ˢ, W/2ˢ]. */
  readonly z: readonly Node[];
  /** Those weights that are inputs, by the inputs' names. */
  readonly weights: ReadonlyMap<string, FloatTensor>;
}

/** A weight [K, C, kh, kw] in the layout's order, a bias as it is. */
function arranged(dims: readonly number[], data: Float32Array, layout: Layout): FloatTensor {
  if (layout === 'NCHW' || dims.length !== 4) return { dtype: 'float32', dims, data };
  const order = permutations.weightsToHwio;
  return { dtype: 'float32', dims: order.map((axis) => dims[axis]), data: permuteAxes(data, dims, order) };
}

interface FrozenModule {
  readonly flow: InvertibleModule;
  /** As of `FrozenFlow`. */
  readonly weights: ReadonlyMap<string, FloatTensor>;
}

/** Weights that are constants have their parameters' names, by which they are found again in a model file. */
function frozenModule(
  configuration: FlowConfiguration,
  parameters: ParameterSequence,
  plan: InferencePlan,
): FrozenModule {
  const frozen = { ...configuration, gamma: false };
  const missing = new Map(parameterSpecs(frozen).map((spec) => [spec.name, spec]));
  const weights = new Map<string, FloatTensor>();
  const nodes = new Map<string, Node>();
  for (const [name, values] of withoutGamma(configuration, parameters)) {
    const spec = missing.get(name);
    if (spec === undefined || values.length !== elementCount(spec.dims)) continue;
    missing.delete(name);
    const weight = arranged(spec.dims, values, plan.layout);
    if (plan.weights === 'inputs') weights.set(name, weight);
    nodes.set(name, plan.weights === 'inputs' ? input(name, weight.dims) : constant(weight, name));
  }
  for (const { name, dims } of missing.values()) {
    throw new TypeError(`parameter ${name}: expected ${elementCount(dims)} values`);
  }
  return { flow: csFlow(frozen, (name) => nodes.get(name)!, plan.layout), weights };
}

/**
 * A flow whose parameters are known: gamma is part of its weights.
 * @param features the flow's branches, [N, C, H/2ˢ, W/2ˢ]; N a number for HWNC
 * @throws TypeError naming a parameter that is missing or of another size
 */
export function frozenFlow(
  configuration: FlowConfiguration,
  parameters: ParameterSequence,
  features: readonly Node[],
  plan: InferencePlan,
): FrozenFlow {
  const { flow, weights } = frozenModule(configuration, parameters, plan);
  const { z } = toLatents(flow, features, plan.layout);
  const outside = plan.layout === 'NCHW' ? z : z.map((part) => transpose(part, permutations.toNchw));
  return { z: outside, weights };
}

export interface FrozenInverse {
  /** What the flow reads, of each branch, [N, C, H/2ˢ, W/2ˢ]. */
  readonly features: readonly Node[];
  /** log |det J| of the way from features to latents, of each branch, [N]. */
  readonly logDets: readonly Node[];
  /** As of `FrozenFlow`. */
  readonly weights: ReadonlyMap<string, FloatTensor>;
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
  weights: InferencePlan['weights'],
): FrozenInverse {
  const frozen = frozenModule(configuration, parameters, { layout: 'NCHW', weights });
  const { outputs, logDets } = frozen.flow.inverse(z);
  return {
    features: outputs,
    logDets: logDets.map((logDet) => neg(demandLogDet(logDet))),
    weights: frozen.weights,
  };
}

export interface FrozenSessionOptions extends BufferOptions {
  /** Of the graph, and of the weights on the device. */
  readonly name: string;
}

/**
 * Compiles a program with a frozen flow in it. Those weights that are inputs stay on the device until the session is
 * closed.
 */
export function compileFrozen(
  device: Device,
  program: Program,
  weights: FrozenFlow['weights'],
  { name, givenUp }: FrozenSessionOptions,
): Promise<Session> {
  opened++;
  const model = writeOnnx(lower(program), { name, hideShapes: weights.size > 0 });
  const placed = [...weights].map(([input, { dims, data }]) => ({
    input,
    data,
    slice: { buffer: `${name} ${opened}: ${input}`, offset: 0, dims },
  }));
  // The program, which holds constants once more, is not in memory any more while the model is compiled.
  return openBound(device, model, placed, givenUp);
}

/** Sessions opened so far: two that are open at once must not share weights. */
let opened = 0;

interface PlacedWeight {
  readonly input: string;
  readonly data: Float32Array;
  readonly slice: BufferSlice;
}

async function openBound(
  device: Device,
  model: Uint8Array,
  placed: readonly PlacedWeight[],
  givenUp?: boolean,
): Promise<Session> {
  const names = placed.map(({ slice }) => slice.buffer);
  const dropWeights = async (): Promise<void> => {
    for (const name of names) await device.dropBuffer(name);
  };
  try {
    for (const { slice, data } of placed) await device.createBuffer(slice.buffer, data, { givenUp });
    const inputs = Object.fromEntries(placed.map(({ input, slice }) => [input, slice]));
    const session = await device.compile(model, { inputs });
    return {
      ...session,
      async close() {
        await session.close();
        await dropWeights();
      },
    };
  } catch (error) {
    await dropWeights();
    throw error;
  }
}
