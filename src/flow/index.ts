export { sequence, type InvertibleModule, type Transformed } from './invertible.js';
export { permutation } from './permutation.js';
export {
  affineCoupling,
  outputBound,
  sumChannels,
  sumPerSample,
  type AffineCouplingOptions,
  type CouplingSubnet,
} from './affine-coupling.js';
export { flowGraph, FlowGraphError, type FlowGraph, type FlowNode } from './flow-graph.js';
