/** Invertible modules, graphs of them, and ready models: densities that can be trained, evaluated and sampled. */
export { sequence, type InvertibleModule, type Transformed } from './invertible.js';
export { flowGraph } from './flow-graph.js';
export type { FlowGraph, FlowNode } from './flow-graph-parts.js';
export { FlowGraphError } from './flow-graph-checks.js';
export { permutation } from './permutation.js';
export {
  coupling,
  halvesOf,
  type Conditioner,
  type CouplingOptions,
  type CouplingSubnet,
  type HalfChange,
} from './coupling.js';
export { drawUniform, uniformStart } from './uniform-start.js';
export {
  additiveCoupling,
  affineCoupling,
  glowCoupling,
  type AdditiveCouplingOptions,
  type AffineCouplingOptions,
  type GlowCouplingOptions,
} from './coupling-layers.js';
export type { ClampKind, LogScaleOptions } from './log-scale.js';
export { channelAffine, normalisingAffine, type ChannelAffine } from './act-norm.js';
export { invertibleConvolution, luStart, type LuFactors, type LuStart } from './invertible-convolution.js';
export { randomRotation } from './lu-decomposition.js';
export { squeeze } from './squeeze.js';
export { split } from './split.js';
export { sumPerSample, squaredNorm } from './branch.js';
export { normalNegativeLogLikelihood, total } from './base-distribution.js';
export { openDensity, type Density, type SampleOptions } from './open-density.js';
export type { FlowLayer, LearnedTensor, LearnedValues } from './models/flow-layer.js';
export { actNormStartProgram, type FlowModel } from './models/flow-model.js';
export {
  glow,
  nice,
  realNvp,
  type AffineModelOptions,
  type ModelOptions,
  type SampleDims,
} from './models/ready-models.js';
