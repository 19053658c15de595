import type { Dims } from '../graph/index.js';
import type { InvertibleModule } from './invertible.js';

/** A node of a flow graph: a module, the values it reads and the names of those it gives. */
export interface FlowNode {
  readonly name: string;
  readonly module: InvertibleModule;
  /** Names of inputs of the graph or of other nodes' outputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface FlowGraph {
  /** Branches that enter, by name, with their sides. */
  readonly inputs: Readonly<Record<string, Dims>>;
  /** In any order. */
  readonly nodes: readonly FlowNode[];
  /** Values that leave, in this order. */
  readonly outputs: readonly string[];
}
