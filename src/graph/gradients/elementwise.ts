import { add, div, leakySlope, mul, neg, scalar, scale, square, sub, withinBounds } from '../build.js';
import { sumTo } from './broadcasting.js';
import type { Node, NodeOf, OpAttributes } from '../ops.js';
import type { GradientRule } from './rule.js';

type ElementwiseOp =
  | 'Neg'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Atan'
  | 'Tanh'
  | 'Sigmoid'
  | 'Square'
  | 'LeakyRelu'
  | 'LeakySlope'
  | 'Clip'
  | 'WithinBounds'
  | 'Add'
  | 'Sub'
  | 'Mul'
  | 'Div';

const x = (node: Node): Node => node.inputs[0];
/** The node itself, whose value some derivatives reuse. */
const y = <K extends keyof OpAttributes>(node: NodeOf<K>): Node => node as Node;
const operands = (node: Node): readonly [Node, Node] => [node.inputs[0], node.inputs[1]];

export const elementwiseRules: { readonly [K in ElementwiseOp]: GradientRule<K> } = {
  Neg: (_, dy) => [neg(dy)],
  Exp: (node, dy) => [mul(dy, y(node))],
  Log: (node, dy) => [div(dy, x(node))],
  Sqrt: (node, dy) => [div(scale(dy, 0.5), y(node))],
  Atan: (node, dy) => [div(dy, add(square(x(node)), scalar(1)))],
  Tanh: (node, dy) => [mul(dy, sub(scalar(1), square(y(node))))],
  Sigmoid: (node, dy) => [mul(dy, mul(y(node), sub(scalar(1), y(node))))],
  Square: (node, dy) => [mul(dy, scale(x(node), 2))],
  // The slope is read off the result, which has the input's sign, so that the input need not be kept.
  LeakyRelu: (node, dy) => [mul(dy, leakySlope(y(node), node.attributes.alpha))],
  LeakySlope: () => [undefined],
  Clip: (node, dy) => [mul(dy, withinBounds(x(node), node.attributes.min, node.attributes.max))],
  WithinBounds: () => [undefined],
  Add: (node, dy) => operands(node as Node).map((operand) => sumTo(dy, operand)),
  Sub: (node, dy) => {
    const [a, b] = operands(node);
    return [sumTo(dy, a), sumTo(neg(dy), b)];
  },
  Mul: (node, dy) => {
    const [a, b] = operands(node);
    return [sumTo(mul(dy, b), a), sumTo(mul(dy, a), b)];
  },
  Div: (node, dy) => {
    const [a, b] = operands(node);
    const da = div(dy, b);
    return [sumTo(da, a), sumTo(neg(mul(da, y(node))), b)];
  },
};
