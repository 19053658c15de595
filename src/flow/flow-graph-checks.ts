import type { FlowGraph, FlowNode } from './flow-graph-parts.js';

/** A flow graph that cannot be: the message names the node or value. */
export class FlowGraphError extends Error {
  override readonly name = 'FlowGraphError';
}

/** Every value has one origin and one reader: only then can each step be undone. */
export function checkNames({ inputs, nodes, outputs }: FlowGraph): void {
  nodes.forEach(({ name, inputs: reads, outputs: gives }, i) => {
    if (nodes.findIndex((node) => node.name === name) !== i) {
      throw new FlowGraphError(`node ${name}: expected a name of its own, another node has it too`);
    }
    if (reads.length === 0 || gives.length === 0) {
      throw new FlowGraphError(`node ${name}: expected inputs and outputs, got none`);
    }
  });
  const origin = new Map(Object.keys(inputs).map((name) => [name, `input ${name}`]));
  for (const node of nodes) {
    for (const value of node.outputs) {
      const other = origin.get(value);
      if (other !== undefined) {
        throw new FlowGraphError(
          `node ${node.name}: gives ${value}, which ${other} gives already; name it otherwise`,
        );
      }
      origin.set(value, `node ${node.name}`);
    }
  }
  const reader = new Map<string, string>();
  const read = (value: string, by: string): void => {
    if (!origin.has(value)) throw new FlowGraphError(`${by}: reads ${value}, which nothing gives`);
    const other = reader.get(value);
    if (other !== undefined) throw new FlowGraphError(`${by}: reads ${value}, which ${other} reads already`);
    reader.set(value, by);
  };
  for (const node of nodes) for (const value of node.inputs) read(value, `node ${node.name}`);
  for (const value of outputs) read(value, 'the output of the graph');
  for (const [value, from] of origin) {
    if (!reader.has(value)) {
      throw new FlowGraphError(
        from === `input ${value}` ? `${from}: is not used` : `${from}: its output ${value} is not used`,
      );
    }
  }
}

/** The nodes in an order in which each follows those it reads from. */
export function inOrder({ inputs, nodes }: FlowGraph): readonly FlowNode[] {
  const known = new Set(Object.keys(inputs));
  const order: FlowNode[] = [];
  let waiting = nodes;
  while (waiting.length > 0) {
    const ready = waiting.filter((node) => node.inputs.every((value) => known.has(value)));
    if (ready.length === 0) {
      const cycle = cycleAmong(waiting, known);
      throw new FlowGraphError(`node ${cycle[0]}: lies on a cycle, ${[...cycle, cycle[0]].join(' from ')}`);
    }
    for (const node of ready) {
      order.push(node);
      for (const value of node.outputs) known.add(value);
    }
    waiting = waiting.filter((node) => !ready.includes(node));
  }
  return order;
}

/** Names of the nodes of a cycle, each reading from the next; every waiting node reads from one that waits. */
function cycleAmong(waiting: readonly FlowNode[], known: ReadonlySet<string>): readonly string[] {
  const path: string[] = [];
  let node = waiting[0];
  while (!path.includes(node.name)) {
    path.push(node.name);
    const missing = node.inputs.find((value) => !known.has(value))!;
    node = waiting.find(({ outputs }) => outputs.includes(missing))!;
  }
  return path.slice(path.indexOf(node.name));
}
