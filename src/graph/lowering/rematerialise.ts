import { reshape } from '../build.js';
import { elementCount } from '../../tensor/tensor.js';
import type { Node, OpName } from '../ops.js';
import { topologicalOrder, type Program } from '../program.js';

/** Ops that take one pass over their operands. */
const cheap: ReadonlySet<OpName> = new Set<OpName>([
  ...(['Neg', 'Exp', 'Log', 'Sqrt', 'Atan', 'Tanh', 'Sigmoid', 'Square', 'LeakyRelu', 'Clip'] as const),
  ...(['Add', 'Sub', 'Mul', 'Div', 'Slice', 'Concat'] as const),
]);

const gradientOps: ReadonlySet<OpName> = new Set<OpName>(['ConvInputGradient', 'ConvWeightGradient']);

/** Where an operand of one value stands that may have one more side without changing the result's; −1 for nowhere. */
function singleOperand({ op, inputs, type }: Node): number {
  if (op === 'Concat') return -1;
  return inputs.findIndex(
    ({ type: { dims } }) =>
      dims.length < type.dims.length &&
      dims.every((dim) => typeof dim === 'number') &&
      elementCount(dims) === 1,
  );
}

/** The same op with one more side to an operand of one value; the op itself where none is. */
function setApart(node: Node): Node {
  const at = singleOperand(node);
  if (at < 0) return node;
  const single = node.inputs[at];
  const apart = reshape(single, [1, ...single.type.dims]);
  return { ...node, inputs: node.inputs.with(at, apart) };
}

/**
 * Lets the backward pass compute element-wise values of the forward pass once more: of that pass only what convolutions
 * read and give then stays in memory, and which channels were gathered for a block. What is computed again differs from
 * the first time by an operand with one more side, so that it is not taken for the same.
 */
export function rematerialise(program: Program): Program {
  const order = topologicalOrder(Object.values(program));
  const differentiated = new Set<Node>();
  for (const node of order) {
    if (gradientOps.has(node.op) || node.inputs.some((input) => differentiated.has(input)))
      differentiated.add(node);
  }
  if (differentiated.size === 0) return program;
  const results = Object.values(program).filter((node) => !differentiated.has(node));
  const forward = new Set(topologicalOrder([...results, ...order.filter(({ op }) => op === 'Conv')]));
  /** A sum of convolutions is kept instead of each of them, and so is an activation. */
  const isKept = (node: Node): boolean =>
    !cheap.has(node.op) || (node.inputs.some((input) => input.op === 'Conv') && singleOperand(node) < 0);

  const copies = new Map<Node, Node>();
  const again = (node: Node): Node => {
    if (!forward.has(node) || isKept(node)) return node;
    let copy = copies.get(node);
    if (copy === undefined) {
      const inputs = node.inputs.map(again);
      const changed = inputs.some((input, i) => input !== node.inputs[i]);
      copy = changed ? { ...node, inputs } : setApart(node);
      copies.set(node, copy);
    }
    return copy;
  };
  const rebuilt = new Map<Node, Node>();
  for (const node of order) {
    if (forward.has(node)) continue;
    const inputs = node.inputs.map((input) => rebuilt.get(input) ?? again(input));
    const changed = inputs.some((input, i) => input !== node.inputs[i]);
    rebuilt.set(node, changed ? { ...node, inputs } : node);
  }
  return Object.fromEntries(Object.entries(program).map(([name, node]) => [name, rebuilt.get(node) ?? node]));
}
