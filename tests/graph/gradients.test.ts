import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { caseInputs, inputName, opCases, opNames } from './op-cases.js';

/** Nothing is learned through these: an image, a cast, the 0-or-1 derivatives of piecewise linear ops. */
const withoutGradient = new Set<g.OpName>(['Cast', 'ResizeImage', 'LeakySlope', 'WithinBounds']);

const step = 1e-5;

/** The loss Σ weight · op(inputs), so that every element of the result counts differently. */
function lossOf(name: keyof typeof opCases, seed: number) {
  const random = new NumpyRandom(seed);
  const made = opCases[name](random);
  const { nodes, named } = caseInputs(made);
  const result = made.build(nodes);
  const dims = result.type.dims as readonly number[];
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal());
  const weighted = g.mul(result, g.constant({ dtype: 'float32', dims, data }));
  return { nodes, named, loss: g.reduceSum(weighted, g.allAxes(weighted)), random };
}

describe('each gradient rule agrees with finite differences', () => {
  it.each(opNames.filter((name) => !withoutGradient.has(name)))('%s', (name) => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const { nodes, named, loss, random } = lossOf(name, seed);
        const found = g.gradients(loss, nodes);
        const program = Object.fromEntries(found.map((node, i) => [inputName(i), node]));
        const values = g.evaluate(program, named);
        nodes.forEach((_, i) => {
          const key = inputName(i);
          const feed = named[key];
          const at = random.integerUpTo(feed.data.length - 1);
          const lossAt = (offset: number): number => {
            const moved = { dims: feed.dims, data: feed.data.with(at, feed.data[at] + offset) };
            return g.evaluate({ loss }, { ...named, [key]: moved }).loss.data[0];
          };
          const expected = (lossAt(step) - lossAt(-step)) / (2 * step);
          expect(values[key].dims).toEqual(feed.dims);
          expect(Math.abs(values[key].data[at] - expected)).toBeLessThan(1e-6 * (1 + Math.abs(expected)));
        });
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it.each([...withoutGradient])('%s stops the gradient', (name) => {
    const made = opCases[name as keyof typeof opCases](new NumpyRandom(1));
    const { nodes } = caseInputs(made);
    const result = made.build(nodes);
    if (result.type.dtype !== 'float32') return expect(() => g.reduceSum(result, [0])).toThrow(/float32/);
    const loss = g.reduceSum(result, g.allAxes(result));
    expect(() => g.gradients(loss, nodes)).toThrow(/does not depend on in0/);
  });
});

describe('gradients', () => {
  it('adds up over every use of a value', () => {
    const x = g.input('x', [3]);
    const loss = g.reduceSum(g.add(g.mul(x, x), g.scale(x, 5)), [0]);
    const { dx } = g.evaluate(
      { dx: g.gradients(loss, [x])[0] },
      { x: { dims: [3], data: Float64Array.of(1, -2, 4) } },
    );
    expect([...dx.data]).toEqual([7, 1, 13]);
  });

  it('joins slices that tile an axis without padding them', () => {
    const x = g.input('x', [2, 5]);
    const [a, b] = [g.slice(x, 1, 0, 2), g.slice(x, 1, 2, 5)];
    const loss = g.add(g.reduceSum(g.square(b), [0, 1]), g.reduceSum(a, [0, 1]));
    const [dx] = g.gradients(loss, [x]);
    const ops = g.topologicalOrder([dx]).map(({ op }) => op);
    expect(ops).toContain('Concat');
    const data = Float64Array.from({ length: 10 }, (_, i) => i);
    const result = g.evaluate({ dx: dx }, { x: { dims: [2, 5], data } });
    expect([...result.dx.data]).toEqual([1, 1, 4, 6, 8, 1, 1, 14, 16, 18]);
  });

  it('refuses a loss that is no scalar and a value the loss does not depend on', () => {
    const x = g.input('x', [3]);
    expect(() => g.gradients(x, [x])).toThrow('expected a scalar loss, got [3]');
    expect(() => g.gradients(g.reduceSum(x, [0]), [g.input('y', [1])])).toThrow('does not depend on y');
  });

  it('refuses the gradient of a gather that repeats an index', () => {
    const x = g.input('x', [3]);
    expect(() => g.gradients(g.reduceSum(g.gather(x, 0, [1, 1]), [0]), [x])).toThrow(/distinct indices/);
  });
});
