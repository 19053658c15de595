import { describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { layoutParameters } from '#csflow/training/parameter-buffer.js';
import { parameterUpdate } from '#csflow/training/parameter-update.js';
import { trainingStep } from '#csflow/training/training-step.js';

const nameOf = (node: g.Node): string | undefined => (node.op === 'Input' ? node.attributes.name : undefined);

/** Ops that read a parameter and of which the gradient norm knows nothing: they might run after its update. */
function unordered(program: g.Program, parameters: readonly string[]): readonly g.Node[] {
  const before = new Set(g.topologicalOrder([program.gradientNorm]));
  const reads = (node: g.Node): boolean => parameters.includes(nameOf(node) ?? '');
  const readers = g.topologicalOrder(Object.values(program)).filter(({ inputs }) => inputs.some(reads));
  expect(readers.length).toBeGreaterThanOrEqual(parameters.length);
  return readers.filter((node) => !before.has(node));
}

describe('the update of parameters in place', () => {
  it.each([true, false])('comes after every use of them in a training step, recomputing %s', (recompute) => {
    const configuration = {
      channels: 4,
      mapSize: [8, 8],
      hidden: 3,
      kernels: [3, 5],
      clamp: 3,
      gamma: true,
    } as const;
    const { program, layout } = trainingStep(configuration, 2);
    const names = layout.slices.map(({ name }) => name);
    expect(unordered(g.lower(program, { recompute }), names)).toEqual([]);
  });

  it('leaves no large gradient whole until the norm is known', () => {
    const length = 2 ** 20;
    const layout = layoutParameters([{ name: 'a', dims: [length] }], 'NCHW');
    const a = g.input('a', [length]);
    const loss = g.reduceSum(g.mul(a, a), [0]);
    const [gradient] = g.gradients(loss, [a]);
    const { program } = parameterUpdate(loss, layout, new Map([['a', gradient]]));
    const before = new Set(g.topologicalOrder([program.gradientNorm]));
    const after = g.topologicalOrder(Object.values(program)).filter((node) => !before.has(node));
    const read = new Set(after.flatMap(({ inputs }) => inputs).filter((node) => before.has(node)));
    const largest = Math.max(
      ...[...read]
        .filter(({ op }) => op !== 'Input')
        .map(({ type }) => (type.dims as readonly number[]).reduce((all, side) => all * side, 1)),
    );
    expect(layout.ranges.length).toBe(4);
    expect(largest).toBe(length / 4);
  });

  it('comes after a use that the loss alone needs', () => {
    const layout = layoutParameters([{ name: 'a', dims: [3] }], 'NCHW');
    const a = g.input('a', [3]);
    const loss = g.reduceSum(g.log(a), [0]);
    const gradients = new Map([['a', g.gradients(loss, [a])[0]]]);
    const { program } = parameterUpdate(loss, layout, gradients);
    expect(unordered({ loss, ...program }, ['a'])).toEqual([]);
  });
});
