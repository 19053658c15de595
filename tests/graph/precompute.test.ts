import { expect, it } from 'vitest';
import {
  add,
  constant,
  evaluate,
  input,
  matMul,
  precompute,
  reshape,
  topologicalOrder,
} from '#csflow/graph/index.js';
import { floatTensor } from '#csflow/tensor/tensor.js';

it('takes products of fixed inputs out of a program, and what is left gives the same', () => {
  const matrix = constant(floatTensor([2, 2], Float32Array.of(1, 2, 3, 4)));
  const [weight, x] = [input('weight', [4]), input('x', [2, 2])];
  const transformed = matMul(matrix, reshape(weight, [2, 2]));
  const whole = { y: add(matMul(x, transformed), x) };
  const { program, values: computed } = precompute(whole, new Set(['weight']));
  expect([...computed.keys()]).toEqual(['precomputed.0']);
  const names = topologicalOrder([program.y]).flatMap((n) => (n.op === 'Input' ? [n.attributes.name] : []));
  expect(names.sort()).toEqual(['precomputed.0', 'x']);
  const feeds = {
    weight: { dims: [4], data: Float64Array.of(1, -1, 2, 5) },
    x: { dims: [2, 2], data: Float64Array.of(1, 0, 2, -3) },
  };
  const expected = evaluate(whole, feeds).y;
  const between = evaluate(Object.fromEntries(computed), feeds)['precomputed.0'];
  expect(evaluate(program, { ...feeds, 'precomputed.0': between }).y.data).toEqual(expected.data);
});

it('leaves products that need another input where they are', () => {
  const whole = { y: matMul(input('a', [2, 2]), input('b', [2, 2])) };
  const { program, values: computed } = precompute(whole, new Set(['b']));
  expect(computed.size).toBe(0);
  expect(program.y.op).toBe('MatMul');
});
