import type { Node } from '../ops.js';
import { topologicalOrder, type Program } from '../program.js';

/**
 * The order in which nodes are written. ONNX Runtime goes from the outputs back and meets the inputs of a node that
 * were written last first; so what hangs on one input of the program alone, such as a transformed kernel, is written
 * at the beginning: it is then computed just before its use, and not kept meanwhile.
 */
export function writingOrder(program: Program): readonly Node[] {
  const order = topologicalOrder(Object.values(program));
  /** The one input that a node hangs on, `none` or `several`. */
  const roots = new Map<Node, Node | 'none' | 'several'>();
  for (const node of order) {
    const from = new Set(node.inputs.map((input) => roots.get(input)!));
    from.delete('none');
    const [root = 'none', another] = from;
    roots.set(node, node.op === 'Input' ? node : another === undefined ? root : 'several');
  }
  const early = (node: Node): boolean => roots.get(node) !== 'several';
  return [...order.filter(early), ...order.filter((node) => !early(node))];
}
