import { input, sameDims, showDims, type Dims, type Node } from '../graph/index.js';
import { messageOf } from '../errors.js';
import { sumLogDets, type InvertibleModule, type Transformed } from './invertible.js';

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

/** A flow graph that cannot be: the message names the node or value. */
export class FlowGraphError extends Error {
  override readonly name = 'FlowGraphError';
}

/** Every value has one origin and one reader: only then can each step be undone. */
function checkNames({ inputs, nodes, outputs }: FlowGraph): void {
  const origin = new Map<string, string>(Object.keys(inputs).map((name) => [name, 'an input of the graph']));
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
    if (!reader.has(value)) throw new FlowGraphError(`${from}: its output ${value} is not used`);
  }
}

/** The nodes in an order in which each follows those it reads from. */
function inOrder({ inputs, nodes }: FlowGraph): readonly FlowNode[] {
  const known = new Set(Object.keys(inputs));
  const order: FlowNode[] = [];
  let waiting = nodes;
  while (waiting.length > 0) {
    const ready = waiting.filter((node) => node.inputs.every((value) => known.has(value)));
    if (ready.length === 0) {
      throw new FlowGraphError(
        `node ${waiting[0].name}: lies on a cycle with ${waiting.map(({ name }) => name).join(', ')}`,
      );
    }
    for (const node of ready) {
      order.push(node);
      for (const value of node.outputs) known.add(value);
    }
    waiting = waiting.filter((node) => !ready.includes(node));
  }
  return order;
}

/** The branch each value belongs to: output i goes on with input i; further outputs with the last input. */
function branchesOf(graph: FlowGraph, order: readonly FlowNode[]): ReadonlyMap<string, number> {
  const branch = new Map(Object.keys(graph.inputs).map((name, i) => [name, i]));
  for (const { inputs, outputs } of order) {
    outputs.forEach((value, i) => branch.set(value, branch.get(inputs[Math.min(i, inputs.length - 1)])!));
  }
  return branch;
}

/**
 * A graph of invertible nodes as one module (the reversible graph that CS-Flow is published as): its branches are the
 * graph's inputs, its log-dets stand with the input branch they arose on. Shapes are checked here, both ways.
 * @throws FlowGraphError for a value read twice or never, an unknown name, a cycle, or shapes that do not fit
 */
export function flowGraph(graph: FlowGraph): InvertibleModule {
  checkNames(graph);
  const order = inOrder(graph);
  const branch = branchesOf(graph, order);
  const names = Object.keys(graph.inputs);

  const run = (direction: 'forward' | 'inverse', given: readonly Node[]): Transformed => {
    const forward = direction === 'forward';
    const [from, to] = forward ? [names, graph.outputs] : [graph.outputs, names];
    if (given.length !== from.length) {
      throw new FlowGraphError(
        `flow graph: expected ${from.length} values (${from.join(', ')}), got ${given.length}`,
      );
    }
    const values = new Map(from.map((name, i) => [name, given[i]]));
    let logDets: (Node | undefined)[] = names.map(() => undefined);
    for (const { name, module, inputs, outputs } of forward ? order : [...order].reverse()) {
      const [reads, gives] = forward ? [inputs, outputs] : [outputs, inputs];
      const result = applied(name, () => module[direction](reads.map((value) => values.get(value)!)));
      if (result.outputs.length !== gives.length) {
        throw new FlowGraphError(
          `node ${name}: expected ${gives.length} outputs, its module gives ${result.outputs.length}`,
        );
      }
      gives.forEach((value, i) => values.set(value, result.outputs[i]));
      result.logDets.forEach((logDet, i) => {
        const at = branch.get(reads[i])!;
        logDets = sumLogDets(
          logDets,
          names.map((_, b) => (b === at ? logDet : undefined)),
        );
      });
    }
    return { outputs: to.map((name) => values.get(name)!), logDets };
  };

  const start = names.map((name) => input(name, graph.inputs[name]));
  const back = run('inverse', run('forward', start).outputs).outputs;
  names.forEach((name, i) => {
    const { dims } = back[i].type;
    if (!sameDims(dims, graph.inputs[name])) {
      throw new FlowGraphError(
        `input ${name}: expected ${showDims(graph.inputs[name])} back from the inverse, got ${showDims(dims)}`,
      );
    }
  });
  return { forward: (inputs) => run('forward', inputs), inverse: (outputs) => run('inverse', outputs) };
}

function applied(name: string, apply: () => Transformed): Transformed {
  try {
    return apply();
  } catch (error) {
    if (error instanceof FlowGraphError) throw error;
    throw new FlowGraphError(`node ${name}: ${messageOf(error)}`);
  }
}
