import { describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';

const same = (taps: number, stride: number, groups = 1, layout: g.Layout = 'HWNC'): g.ConvGeometry => {
  const pad = Math.floor(taps / 2);
  return { strides: [stride, stride], pads: [pad, pad, pad, pad], groups, layout };
};

const x = g.input('x', [12, 12, 2, 4]);
const weights = {
  three: g.input('three', [3, 3, 4, 6]),
  five: g.input('five', [5, 5, 6, 6]),
  strided: g.input('strided', [3, 3, 6, 8]),
  grouped: g.input('grouped', [3, 3, 4, 8]),
};
const layers = [
  ['three', same(3, 1)],
  ['five', same(5, 1)],
  ['strided', same(3, 2)],
  ['grouped', same(3, 1, 2)],
] as const;
const outputs = layers.reduce<readonly g.Node[]>(
  (nodes, [name, geometry]) => [...nodes, g.conv(nodes.at(-1) ?? x, weights[name], undefined, geometry)],
  [],
);
const [three, last] = [outputs[0], outputs[3]];
const loss = g.reduceSumSquare(last, g.allAxes(last));
const gradients = g.gradients(loss, Object.values(weights)).map((dw, i) => [`dw${i}`, dw] as const);
const step: g.Program = { loss, ...Object.fromEntries(gradients) };

const products = (program: g.Program): readonly string[] =>
  g
    .topologicalOrder(Object.values(program))
    .filter(({ op }) => op === 'MatMul')
    .map(({ type }) => type.dims.join());

describe('describeConvolutions', () => {
  it('names each convolution by its weights, in the order they are computed', () => {
    const found = g.describeConvolutions(step);
    expect(found.map(({ weight }) => weight)).toEqual(['three', 'five', 'strided', 'grouped']);
    expect(found[2].layer).toMatchObject({
      batch: 2,
      inputs: 6,
      outputs: 8,
      down: { length: 12, outputLength: 6, taps: 3, stride: 2 },
    });
  });

  it('leaves out a name where weights are computed or constant', () => {
    const doubled = g.conv(x, g.add(weights.three, weights.three), undefined, same(3, 1));
    const shaped = g.conv(x, g.reshape(g.input('flat', [216]), [3, 3, 4, 6]), undefined, same(3, 1));
    const found = g.describeConvolutions({ doubled, shaped });
    expect(found.map(({ weight }) => weight)).toEqual([undefined, 'flat']);
  });

  it('counts equal convolutions once, as they are computed once', () => {
    const again = g.conv(x, weights.three, undefined, same(3, 1));
    expect(g.describeConvolutions({ three, again })).toHaveLength(1);
  });

  it.each(['cheapest', 'kn2row', 'winograd', { winograd: [2, 3] }, { winograd: [4, 4] }] as const)(
    'tells the products that stand in the lowered program, choice %j',
    (convolution) => {
      const lowered = products(g.lower(step, { convolution }));
      const found = g.describeConvolutions(step, { convolution });
      const kind = convolution === 'kn2row' ? 'kn2row' : 'winograd';
      const kinds = found.map(({ way }) => way.kind);
      if (convolution === 'cheapest') expect(kinds[3]).toBe('direct');
      else expect(kinds).toEqual([kind, kind, kind, 'direct']);
      for (const { way, layer } of found) {
        if (way.kind === 'direct') continue;
        const { positions, rows, inputs, outputs } = way.products;
        expect([inputs, outputs]).toEqual([layer.inputs, layer.outputs]);
        const [forward, dx, dw] = [
          [positions, rows, outputs],
          [positions, rows, inputs],
          [positions, inputs, outputs],
        ];
        expect(lowered).toContain(forward.join());
        expect(lowered).toContain(dw.join());
        // Nothing asks for the gradient of the program's own input.
        if (layer.inputs !== 4) expect(lowered).toContain(dx.join());
      }
    },
  );

  it('compares multiplications with the direct convolution', () => {
    const found = g.describeConvolutions(step, { convolution: { winograd: [4, 4] } });
    const saved = found.map((each) => each.directMultiplications / each.multiplications);
    // F(4, 3): 6 products for 12; F(4, 5): 8 for 20; stride 2, whose 6 outputs take two tiles of 9 products, for 18.
    expect(saved).toEqual([4, 6.25, 1, 1]);
    expect(found[0].directMultiplications).toBe(12 * 12 * 9 * 4 * 6);
  });

  it('keeps to tiles of at most 8 products of each phase where the cost decides', () => {
    const layers = [3, 5, 7].flatMap((taps) =>
      [1, 2].map((stride) => {
        const w = g.input(`w${taps},${stride}`, [taps, taps, 64, 64]);
        return g.conv(g.input('wide', [48, 48, 16, 64]), w, undefined, same(taps, stride));
      }),
    );
    const found = g.describeConvolutions(Object.fromEntries(layers.map((y, i) => [`y${i}`, y])));
    const products = found.map(({ way, layer: { down } }) =>
      way.kind === 'winograd' ? way.tile[0] + Math.ceil(down.taps / down.stride) - 1 : 0,
    );
    expect(products).toHaveLength(6);
    expect(Math.max(...products)).toBe(8);
  });

  it('is direct where it is told to be, and in NCHW, whose batch may be open', () => {
    const all = g.describeConvolutions(step, { convolution: 'direct' });
    expect(new Set(all.map(({ way }) => way.kind))).toEqual(new Set(['direct']));
    const open = g.conv(g.input('x', ['N', 4, 12, 12]), g.input('w', [6, 4, 3, 3]), undefined, {
      ...same(3, 1, 1, 'NCHW'),
    });
    const [found] = g.describeConvolutions({ open });
    expect([found.way.kind, found.layer.batch, found.layer.outputs]).toEqual(['direct', 'N', 6]);
  });
});
