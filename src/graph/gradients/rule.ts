import type { Node, NodeOf, OpName } from '../ops.js';

/** From a node and the gradient of its result to the gradients of its inputs; undefined where there is none. */
export type GradientRule<K extends OpName> = (node: NodeOf<K>, dy: Node) => readonly (Node | undefined)[];
