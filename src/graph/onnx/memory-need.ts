import { elementCount } from '../../tensor/tensor.js';
import { fixedDims } from '../dims.js';
import type { Node, OpName } from '../ops.js';
import type { Program } from '../program.js';
import { writingOrder } from './writing-order.js';

export interface MemoryNeed {
  /** Largest sum of values that are needed at the same time, inputs, constants and placed results left out; bytes. */
  readonly peak: number;
  /** Constants, in bytes. */
  readonly constants: number;
}

const valueBytes = { float32: 4, int64: 8, uint8: 1, bool: 1 } as const;

const bytesOf = ({ type: { dtype, dims } }: Node): number =>
  elementCount(fixedDims(dims, 'memoryNeed')) * valueBytes[dtype];

const isComputed = ({ op }: Node): boolean => op !== 'Input' && op !== 'Constant';

/** Ops that ONNX Runtime computes over an operand that nothing else needs. */
const inPlace: ReadonlySet<OpName> = new Set<OpName>([
  ...(['Neg', 'Exp', 'Log', 'Sqrt', 'Atan', 'Tanh', 'Sigmoid', 'LeakyRelu', 'Clip'] as const),
  ...(['Add', 'Sub', 'Mul', 'Div'] as const),
]);

/**
 * The order in which ONNX Runtime computes what is written: depth first from the values that nobody reads, the inputs
 * of a node that were written last first.
 */
function runningOrder(program: Program): readonly Node[] {
  const written = writingOrder(program);
  const place = new Map(written.map((node, i) => [node, i]));
  const read = new Set(written.flatMap(({ inputs }) => inputs));
  const computed = (nodes: readonly Node[]): readonly Node[] =>
    [...new Set(nodes)].filter(isComputed).sort((a, b) => place.get(a)! - place.get(b)!);
  const stack = computed(written.filter((node) => !read.has(node))).map((node) => ({ node, leaves: false }));
  const seen = new Set<Node>();
  const order: Node[] = [];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, leaves } = top;
    if (leaves) order.push(node);
    if (leaves || seen.has(node)) continue;
    seen.add(node);
    stack.push({ node, leaves: true });
    for (const input of computed(node.inputs))
      if (!seen.has(input)) stack.push({ node: input, leaves: false });
  }
  return order;
}

/**
 * What a lowered program needs while ONNX Runtime runs it, each value freed after its last use. The process takes more:
 * the state it works on, the runtime itself, and gaps between values.
 * @param placed names of results that are written to memory of the caller's
 */
export function memoryNeed(program: Program, placed: ReadonlySet<string> = new Set()): MemoryNeed {
  const order = runningOrder(program);
  /** A reshape is a view of its operand's memory. */
  const ownerOf = (node: Node): Node => (node.op === 'Reshape' ? ownerOf(node.inputs[0]) : node);
  const lastUse = new Map<Node, number>();
  order.forEach(({ inputs }, at) => inputs.forEach((input) => lastUse.set(ownerOf(input), at)));
  const outside = new Set<Node>();
  for (const [name, node] of Object.entries(program)) {
    if (placed.has(name)) outside.add(ownerOf(node));
    lastUse.set(ownerOf(node), order.length);
  }
  const sizes = new Map<Node, number>();
  let live = 0;
  let peak = 0;
  order.forEach((node, at) => {
    const dying = [...new Set(node.inputs.map(ownerOf))].filter((input) => lastUse.get(input) === at);
    const freed = dying.map((input) => sizes.get(input) ?? 0);
    if (node.op !== 'Reshape') {
      const size = outside.has(node) ? 0 : bytesOf(node);
      sizes.set(node, size);
      peak = Math.max(peak, live + (inPlace.has(node.op) && freed.includes(size) ? 0 : size));
      live += size;
    }
    live -= freed.reduce((sum, size) => sum + size, 0);
  });
  const constants = writingOrder(program)
    .filter(({ op }) => op === 'Constant')
    .reduce((sum, node) => sum + bytesOf(node), 0);
  return { peak, constants };
}
