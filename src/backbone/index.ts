export * from './backbone.js';
export * from './networks.js';
export { efficientNet } from './efficientnet.js';
export { embeddedWeights } from './embedded-weights.js';
export { weightSpecs, type WeightSpec } from './weight-specs.js';
export { checkWeights } from './check-weights.js';
export { publishedWeights, type PublishedWeights } from './published-weights.js';
