import { describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

const geometry = { strides: [1, 1], pads: [1, 1, 1, 1], groups: 1, layout: 'HWNC' } as const;
const x = g.input('x', [4, 4, 2, 3]);
const gamma = g.input('gamma', [1]);
const weights = [0, 1].map((i) => g.input(`w${i}`, [3, 3, 3, 3]));
/** x ↦ exp(atan(γ · conv(x))) · x, twice. */
const y = weights.reduce<g.Node>(
  (from, w) => g.mul(g.exp(g.atan(g.mul(g.conv(from, w, undefined, geometry), gamma))), from),
  x,
);
const loss = g.reduceSumSquare(y, g.allAxes(y));
const [dGamma, dw0, dw1] = g.gradients(loss, [gamma, ...weights]);
const program = { loss, dGamma, dw0, dw1 };

const random = new NumpyRandom(5);
const feeds: Record<string, g.Float64Tensor> = Object.fromEntries(
  [x, gamma, ...weights].map((node) => {
    const dims = node.type.dims as readonly number[];
    const length = dims.reduce((a, b) => a * b);
    const { name } = (node as g.NodeOf<'Input'>).attributes;
    return [name, { dims, data: Float64Array.from({ length }, () => random.uniform() - 0.5) }];
  }),
);

const count = (of: g.Program, op: g.OpName): number =>
  g.topologicalOrder(Object.values(of)).filter((node) => node.op === op).length;

/** y with every side 1 but one: an operand of one value is then as long as the result. */
function narrow(layout: 'HWNC' | 'NCHW'): g.Program {
  const image = g.input('image', layout === 'HWNC' ? [2, 1, 1, 1] : [1, 1, 2, 1]);
  const w = g.input('w', [1, 1, 1, 1]);
  const once = { strides: [2, 1], pads: [0, 0, 0, 0], groups: 1, layout } as const;
  const r = g.conv(image, w, undefined, once);
  const last = g.conv(g.exp(g.mul(r, gamma)), w, undefined, { ...once, strides: [1, 1] });
  const sum = g.reduceSumSquare(last, g.allAxes(last));
  const [dw, dg] = g.gradients(sum, [w, gamma]);
  return { sum, dw, dg };
}

describe.each(['HWNC', 'NCHW'] as const)('values of one element in %s', (layout) => {
  it('keep their sides', () => {
    const one = (dims: readonly number[], ...data: number[]) => ({ dims, data: Float64Array.from(data) });
    const image = one(layout === 'HWNC' ? [2, 1, 1, 1] : [1, 1, 2, 1], 0.5, -2);
    const values = { image, w: one([1, 1, 1, 1], 0.3), gamma: one([1], 0.7) };
    const [expected, found] = [false, true].map((recompute) =>
      g.evaluate(g.lower(narrow(layout), { recompute }), values),
    );
    expect(found).toEqual(expected);
    expect(found.dw.data[0]).not.toBeNaN();
  });
});

describe('element-wise values computed again', () => {
  const [keeping, again] = [false, true].map((recompute) => g.lower(program, { recompute }));

  it('are those that the backward pass reads', () => {
    expect(count(keeping, 'Exp')).toBe(2);
    expect(count(again, 'Exp')).toBe(4);
    expect(count(again, 'Atan')).toBe(4);
  });

  it('give the same gradients', () => {
    const [expected, found] = [keeping, again].map((lowered) => g.evaluate(lowered, feeds));
    for (const name of Object.keys(program)) {
      const values = found[name].data;
      expect(values.length).toBeGreaterThan(0);
      for (const [i, value] of expected[name].data.entries()) expect(values[i]).toBeCloseTo(value, 10);
    }
  });

  it('are none where nothing is differentiated', () => {
    expect(count(g.lower({ loss }, { recompute: true }), 'Exp')).toBe(2);
  });
});
