import { fixedDims } from './dims.js';
import type { Node, OpName } from './ops.js';
import { topologicalOrder, type Program } from './program.js';

export interface MemoryNeed {
  /** Largest sum of values that are needed at the same time, inputs and constants left out; bytes. */
  readonly peak: number;
  readonly constants: number;
}

const bytesOf = ({ type }: Node): number => {
  const count = fixedDims(type.dims, 'memory').reduce((product, side) => product * side, 1);
  return count * (type.dtype === 'float32' ? 4 : type.dtype === 'int64' ? 8 : 1);
};

/** Values that live elsewhere: inputs are the caller's, constants the session's. */
const isGiven = ({ op }: Node): boolean => op === 'Input' || op === 'Constant';

/** Ops that ONNX Runtime computes over their first operand where nothing else needs it. */
const inPlace: ReadonlySet<OpName> = new Set<OpName>([
  'Neg',
  'Exp',
  'Log',
  'Sqrt',
  'Atan',
  'Tanh',
  'Sigmoid',
  'LeakyRelu',
  'Clip',
  'Add',
  'Sub',
  'Mul',
  'Div',
]);

/**
 * What a lowered program needs while it runs, if each value is freed after its last use.
 * @param placed names of results that are written to memory of the caller's
 */
export function memoryNeed(program: Program, placed: ReadonlySet<string> = new Set()): MemoryNeed {
  const order = topologicalOrder(Object.values(program));
  /** The node whose memory a value shares: a reshape is a view. */
  const owners = new Map<Node, Node>();
  const ownerOf = (node: Node): Node => owners.get(node) ?? node;
  const lastUse = new Map<Node, number>();
  order.forEach((node, at) => {
    if (node.op === 'Reshape') owners.set(node, ownerOf(node.inputs[0]));
    for (const input of node.inputs) lastUse.set(ownerOf(input), at);
  });
  const results = new Set(Object.values(program).map(ownerOf));
  const outside = new Set(
    Object.entries(program)
      .filter(([name]) => placed.has(name))
      .map(([, node]) => ownerOf(node)),
  );

  let live = 0;
  let peak = 0;
  let constants = 0;
  const sizes = new Map<Node, number>();
  order.forEach((node, at) => {
    if (node.op === 'Constant') constants += bytesOf(node);
    if (isGiven(node) || ownerOf(node) !== node) return;
    const dying = [...new Set(node.inputs.map(ownerOf))].filter(
      (input) => !isGiven(input) && lastUse.get(input) === at && !results.has(input),
    );
    const size = outside.has(node) ? 0 : bytesOf(node);
    const reused = inPlace.has(node.op) && dying.some((input) => sizes.get(input) === size);
    sizes.set(node, size);
    peak = Math.max(peak, live + (reused ? 0 : size));
    live += size - dying.reduce((sum, input) => sum + (sizes.get(input) ?? 0), 0);
  });
  return { peak, constants };
}
