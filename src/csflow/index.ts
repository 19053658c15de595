export * from './configuration.js';
export * from './parameters.js';
export * from './flow.js';
export * from './likelihood.js';
export {
  compileFrozen,
  frozenFlow,
  inferencePlan,
  type FrozenFlow,
  type InferencePlan,
} from './frozen-flow.js';
export { linearInterpolation } from './interpolation.js';
export * from './presets.js';
export { arrangeFeatures } from './feature-arrangement.js';
