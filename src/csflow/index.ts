export * from './configuration.js';
export * from './parameters.js';
export { csFlow, toLatents, type Latents } from './flow.js';
export { gammasOf, withGamma, type ParameterSequence } from './fold-gamma.js';
export * from './likelihood.js';
export type { CountedRegion } from './counted-region.js';
export * from './map-combination.js';
export {
  frozenFlow,
  frozenInverse,
  inferenceLowering,
  inferencePlan,
  inverseWeights,
  type FrozenFlow,
  type FrozenInverse,
  type FrozenWeights,
  type InferencePlan,
} from './frozen-flow.js';
export { compileFrozen, type FrozenSessionOptions } from './frozen-session.js';
export { linearInterpolation } from './interpolation.js';
export * from './presets.js';
export { arrangeFeatures } from './feature-arrangement.js';
