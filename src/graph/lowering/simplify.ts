import { gather } from '../build.js';
import { broadcastDims, sameDims } from '../dims.js';
import type { Node } from '../ops.js';
import { rewrite, type Program } from '../program.js';
import { structuralKey } from './structural-key.js';

/** Drops an Expand whose broadcasting the op around it does anyway. */
function withoutExpand(node: Node): Node {
  const [a, b] = node.inputs as [Node, Node];
  const bare = (x: Node): Node => (x.op === 'Expand' ? x.inputs[0]! : x);
  for (const inputs of [
    [bare(a), b],
    [a, bare(b)],
  ] as const) {
    const changed = inputs[0] !== a || inputs[1] !== b;
    const dims = broadcastDims(inputs[0].type.dims, inputs[1].type.dims);
    if (changed && dims !== undefined && sameDims(dims, node.type.dims)) return { ...node, inputs };
  }
  return node;
}

/** A slice of gathered channels gathers only those channels: one pass over memory instead of two. */
function gatherOfSlice(node: Node & { readonly op: 'Slice' }): Node {
  const [x] = node.inputs as [Node];
  const [range, ...more] = node.attributes.ranges;
  if (x.op !== 'Gather' || range === undefined || more.length > 0 || range.axis !== x.attributes.axis)
    return node;
  const { axis, start, end, step } = range;
  const indices = x.attributes.indices.slice(start, end).filter((_, i) => i % step === 0);
  return gather(x.inputs[0]!, axis, indices);
}

function simplifyNode(node: Node): Node {
  switch (node.op) {
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return withoutExpand(node);
    case 'Slice':
      return gatherOfSlice(node);
    default:
      return node;
  }
}

/** Local rewrites and common subexpressions: equal ops on equal inputs become one. */
export function simplify(program: Program): Program {
  const known = new Map<string, Node>();
  const identities = new Map<Node, number>();
  return rewrite(program, (original) => {
    const node = simplifyNode(original);
    const key = structuralKey(node, (input) => identities.get(input) ?? -1);
    const same = known.get(key);
    if (same !== undefined) return same;
    known.set(key, node);
    identities.set(node, identities.size);
    return node;
  });
}
