import { add, scalar } from '../build.js';
import { showDims } from '../dims.js';
import type { Node, NodeOf, OpName } from '../ops.js';
import { topologicalOrder } from '../program.js';
import { elementwiseRules } from './elementwise.js';
import { productRules } from './products.js';
import type { GradientRule } from './rule.js';
import { concatOfTiles, structuralRules } from './structural.js';

/** One rule an op: an op without one does not compile. */
const rules: { readonly [K in OpName]: GradientRule<K> } = {
  ...elementwiseRules,
  ...structuralRules,
  ...productRules,
};

function inputGradients<K extends OpName>(node: NodeOf<K>, dy: Node): readonly (Node | undefined)[] {
  return rules[node.op](node, dy);
}

/**
 * Reverse-mode differentiation, ahead of time: the program that computes d loss / d value for each value.
 * @param loss a scalar
 * @throws TypeError where the loss is no scalar or does not depend on a value
 */
export function gradients(loss: Node, values: readonly Node[]): readonly Node[] {
  if (loss.type.dims.length !== 0) {
    throw new TypeError(`gradients: expected a scalar loss, got ${showDims(loss.type.dims)}`);
  }
  const order = topologicalOrder([loss]);
  const needed = new Set<Node>(values);
  for (const node of order) if (node.inputs.some((input) => needed.has(input))) needed.add(node);

  const arrived = new Map<Node, Node[]>([[loss, [scalar(1)]]]);
  const total = (node: Node): Node | undefined => {
    const parts = arrived.get(node);
    if (parts === undefined) return undefined;
    return concatOfTiles(parts) ?? parts.reduce((sum, part) => add(sum, part));
  };
  const result = new Map<Node, Node | undefined>();
  for (const node of [...order].reverse()) {
    if (!needed.has(node)) continue;
    const dy = total(node);
    result.set(node, dy);
    if (dy === undefined) continue;
    for (const [i, gradient] of inputGradients(node, dy).entries()) {
      const target = node.inputs[i];
      if (gradient === undefined || !needed.has(target)) continue;
      const parts = arrived.get(target);
      if (parts === undefined) arrived.set(target, [gradient]);
      else parts.push(gradient);
    }
  }
  return values.map((value) => {
    const gradient = result.get(value);
    if (gradient !== undefined) return gradient;
    const name = value.op === 'Input' ? value.attributes.name : value.op;
    throw new TypeError(`gradients: the loss does not depend on ${name}`);
  });
}
