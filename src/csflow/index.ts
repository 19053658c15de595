export * from './configuration.js';
export * from './parameters.js';
export { csFlow, toLatents, type Latents } from './flow.js';
export { gammasOf, withGamma, type ParameterSequence } from './fold-gamma.js';
export * from './likelihood.js';
export type { CountedRegion } from './counted-region.js';
export * from './map-combination.js';
export {
  compileFrozen,
  frozenFlow,
  frozenInverse,
  inferencePlan,
  type FrozenFlow,
  type FrozenInverse,
  type InferencePlan,
} from './frozen-flow.js';
export { linearInterpolation } from './interpolation.js';
export * from './presets.js';
export { arrangeFeatures } from './feature-arrangement.js';
