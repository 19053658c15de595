import { add, gather, reshape, spatialMap, transpose } from '../build.js';
import { broadcastDims, sameDims } from '../dims.js';
import { product } from '../matrix.js';
import type { Node, NodeOf } from '../ops.js';
import { rewrite, type Program } from '../program.js';
import { productOfTransposed, transposedProduct } from './permuted-product.js';
import { structuralKey } from './structural-key.js';

/** Drops an Expand whose broadcasting the op around it does anyway. */
function withoutExpand(node: Node): Node {
  const [a, b] = node.inputs as [Node, Node];
  const bare = (x: Node): Node => (x.op === 'Expand' ? x.inputs[0] : x);
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
function gatherOfSlice(node: NodeOf<'Slice'> & Node): Node {
  const [x] = node.inputs as [Node];
  const [range, ...more] = node.attributes.ranges;
  if (x.op !== 'Gather' || range === undefined || more.length > 0 || range.axis !== x.attributes.axis)
    return node;
  const { axis, start, end, step } = range;
  const indices = x.attributes.indices.slice(start, end).filter((_, i) => i % step === 0);
  return gather(x.inputs[0], axis, indices);
}

/** Channels are gathered where they lie in whole rows, before a transposition puts them last. */
function gatherOfTranspose(node: NodeOf<'Gather'> & Node): Node {
  const [x] = node.inputs as [Node];
  if (x.op !== 'Transpose') return node;
  const { permutation } = x.attributes;
  const axis = permutation[node.attributes.axis];
  if (axis === permutation.length - 1) return node;
  return transpose(gather(x.inputs[0], axis, node.attributes.indices), permutation);
}

function reshapeOfReshape(node: NodeOf<'Reshape'> & Node): Node {
  const [x] = node.inputs as [Node];
  return x.op === 'Reshape' ? reshape(x.inputs[0], node.attributes.dims) : node;
}

/** Two maps one after the other are one map: upsampling joins the transform of the convolution that reads it. */
function composedMap(node: NodeOf<'SpatialMap'> & Node): Node {
  const [inner] = node.inputs as [Node];
  if (inner.op !== 'SpatialMap' || inner.attributes.axis !== node.attributes.axis) return node;
  const { axis, left, right, again } = node.attributes;
  const first = inner.attributes;
  return spatialMap(
    inner.inputs[0],
    axis,
    product(left, first.left),
    product(right, first.right),
    again === true || first.again === true,
  );
}

/** A bias stands beside the value it is added to: fewer sides, repeated over the others. */
const isBiased = (node: Node): boolean =>
  node.op === 'Add' && node.inputs[1].type.dims.length < node.inputs[0].type.dims.length;

/** f(a) + f(b) = f(a + b) for a linear f: two inverse transforms become one. Biases are added last. */
function factoredSum(node: Node): Node {
  const [a, b] = node.inputs as [Node, Node];
  if (isBiased(a) && isBiased(b) && sameDims(a.inputs[1].type.dims, b.inputs[1].type.dims)) {
    const biases = add(a.inputs[1], b.inputs[1]);
    return add(factoredSum(add(a.inputs[0], b.inputs[0])), biases);
  }
  const linear = a.op === 'SpatialMap' || a.op === 'Transpose' || a.op === 'Reshape';
  if (!linear || a.op !== b.op) return node;
  const [x, y] = [a.inputs[0], b.inputs[0]];
  const alike = structuralKey(a, () => 0) === structuralKey(b, () => 0);
  if (!alike || !sameDims(x.type.dims, y.type.dims)) return node;
  return { ...a, inputs: [factoredSum(add(x, y))] };
}

function simplifyNode(node: Node): Node {
  switch (node.op) {
    case 'Add':
      return factoredSum(withoutExpand(node));
    case 'Sub':
    case 'Mul':
    case 'Div':
      return withoutExpand(node);
    case 'Slice': {
      const taken = gatherOfSlice(node);
      return taken.op === 'Gather' ? gatherOfTranspose(taken) : taken;
    }
    case 'Gather':
      return gatherOfTranspose(node);
    case 'Reshape':
      return reshapeOfReshape(node);
    case 'Transpose':
      return transposedProduct(node);
    case 'MatMul':
      return productOfTransposed(node);
    case 'SpatialMap':
      return composedMap(node);
    default:
      return node;
  }
}

/** Local rewrites and common subexpressions: equal ops on equal inputs become one. */
export function simplify(program: Program): Program {
  const known = new Map<string, Node>();
  const identities = new Map<Node, number>();
  /** The first node that computes the same; nodes that a rewrite made inside come here before those that use them. */
  const shared = (node: Node): Node => {
    if (identities.has(node)) return node;
    const inputs = node.inputs.map(shared);
    const whole = inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs };
    const key = structuralKey(whole, (input) => identities.get(input)!);
    const same = known.get(key);
    if (same !== undefined) return same;
    known.set(key, whole);
    identities.set(whole, identities.size);
    return whole;
  };
  return rewrite(program, (node) => shared(simplifyNode(node)));
}
