export * from './backbone.js';
export * from './networks.js';
export { efficientNet } from './efficientnet.js';
export { weightSpecs, type WeightSpec } from './weight-specs.js';
