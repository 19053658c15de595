import { input, sameDims, showDims, type Dims, type Node } from '../graph/index.js';
import { messageOf } from '../errors.js';
import type { FlowGraph, FlowNode } from './flow-graph-parts.js';
import { checkNames, FlowGraphError, inOrder } from './flow-graph-checks.js';
import { sumLogDets, type InvertibleModule, type Transformed } from './invertible.js';

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
 * graph's inputs, and in both directions its log-dets stand with the input branch they arose on. Where nodes merge
 * branches, forward and inverse may put a log-det on different ones of them; the sums over branches are negatives.
 * Shapes are checked here, node by node and both ways.
 * @throws FlowGraphError for a value read twice or never, an unknown name, a cycle, or shapes that do not fit
 */
export function flowGraph(graph: FlowGraph): InvertibleModule {
  checkNames(graph);
  const order = inOrder(graph);
  const branch = branchesOf(graph, order);
  const names = Object.keys(graph.inputs);

  /** @param sides what values must have; while the graph is built, those of the way there */
  const run = (
    direction: 'forward' | 'inverse',
    given: readonly Node[],
    sides: ReadonlyMap<string, Dims> = new Map(),
  ): Transformed & { readonly values: ReadonlyMap<string, Node> } => {
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
      if (result.logDets.length !== reads.length) {
        throw new FlowGraphError(
          `node ${name}: expected a log-det for each of ${reads.length} branches, its module gives ${result.logDets.length}`,
        );
      }
      gives.forEach((value, i) => {
        const { dims } = result.outputs[i].type;
        const expected = sides.get(value);
        if (expected !== undefined && !sameDims(dims, expected)) {
          throw new FlowGraphError(
            `node ${name}: expected ${showDims(expected)} back for ${value}, its inverse gives ${showDims(dims)}`,
          );
        }
        values.set(value, result.outputs[i]);
      });
      result.logDets.forEach((logDet, i) => {
        const at = branch.get(reads[i])!;
        logDets = sumLogDets(
          logDets,
          names.map((_, b) => (b === at ? logDet : undefined)),
        );
      });
    }
    return { outputs: to.map((name) => values.get(name)!), logDets, values };
  };

  const there = run(
    'forward',
    names.map((name) => input(name, graph.inputs[name])),
  );
  run('inverse', there.outputs, new Map([...there.values].map(([name, { type }]) => [name, type.dims])));
  const both = (direction: 'forward' | 'inverse', given: readonly Node[]): Transformed => {
    const { outputs, logDets } = run(direction, given);
    return { outputs, logDets };
  };
  return { forward: (inputs) => both('forward', inputs), inverse: (outputs) => both('inverse', outputs) };
}

function applied(name: string, apply: () => Transformed): Transformed {
  try {
    return apply();
  } catch (error) {
    if (error instanceof FlowGraphError) throw error;
    throw new FlowGraphError(`node ${name}: ${messageOf(error)}`);
  }
}
