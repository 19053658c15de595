import type { Node } from './ops.js';

/** Named results; everything they need is reached through their nodes' inputs. */
export type Program = Readonly<Record<string, Node>>;

/** Every node the results need, each after its inputs. */
export function topologicalOrder(results: readonly Node[]): readonly Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const stack: { node: Node; next: number }[] = results.map((node) => ({ node, next: 0 })).reverse();
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const pending = top.node.inputs[top.next++];
    if (done.has(top.node)) stack.pop();
    else if (pending === undefined) {
      done.add(top.node);
      order.push(top.node);
      stack.pop();
    } else if (!done.has(pending)) stack.push({ node: pending, next: 0 });
  }
  return order;
}

/** How many ops follow one another until each value is there. */
export function depths(results: readonly Node[]): ReadonlyMap<Node, number> {
  const depth = new Map<Node, number>();
  for (const node of topologicalOrder(results)) {
    depth.set(node, 1 + Math.max(-1, ...node.inputs.map((input) => depth.get(input)!)));
  }
  return depth;
}

/**
 * Rebuilds a program bottom-up: `change` sees each node with its inputs already rebuilt and returns it or
 * another in its place. The original is the node as it was, its inputs not rebuilt.
 */
export function rewrite(program: Program, change: (node: Node, original: Node) => Node): Program {
  const rebuilt = new Map<Node, Node>();
  for (const node of topologicalOrder(Object.values(program))) {
    const inputs = node.inputs.map((input) => rebuilt.get(input)!);
    const same = inputs.every((input, i) => input === node.inputs[i]);
    rebuilt.set(node, change(same ? node : { ...node, inputs }, node));
  }
  return Object.fromEntries(Object.entries(program).map(([name, node]) => [name, rebuilt.get(node)!]));
}
