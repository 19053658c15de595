import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { caseInputs, opCases, opNames, type OpCase } from './op-cases.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

async function runOnnx(
  { feeds, build, dtype }: OpCase,
  nodes: readonly g.Node[],
  options: g.LoweringOptions & g.ModelText,
) {
  const session = await device.compile(g.writeOnnx(g.lower({ y: build(nodes) }, options), options));
  const named = Object.fromEntries(
    feeds.map(({ dims, data }, i) => {
      const values = dtype === 'uint8' ? Uint8Array.from(data) : Float32Array.from(data);
      return [`in${i}`, { dtype: dtype ?? 'float32', dims, data: values }];
    }),
  );
  const { y } = await session.run(named);
  await session.close();
  return y;
}

describe.each([
  { convolution: 'direct', recompute: false, hideShapes: false },
  { convolution: 'winograd', recompute: false, hideShapes: false },
  { convolution: 'winograd', recompute: true, hideShapes: true },
] as const)(
  'each op as ONNX, lowered $convolution, recomputing $recompute, hiding shapes $hideShapes, agrees with the evaluator',
  (options) => {
    it.each(opNames)('%s', async (name) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(1e6), async (seed) => {
          const made = opCases[name](new NumpyRandom(seed));
          const { nodes, named } = caseInputs(made);
          const expected = g.evaluate({ y: made.build(nodes) }, named).y;
          const found = await runOnnx(made, nodes, options);
          expect(found.dims).toEqual(expected.dims);
          const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
          // Rounding to whole grey levels may fall the other way where a value is half-way.
          const bound =
            name === 'ResizeImage' ? 1 : 2e-6 * largest * Math.sqrt(made.feeds[0].data.length + 10);
          expected.data.forEach((value, i) => {
            expect(Math.abs(Number(found.data[i]) - value)).toBeLessThanOrEqual(bound);
          });
        }),
        { numRuns: 30, seed: 11 },
      );
    });
  },
);

describe('writeOnnx', () => {
  it('refuses an op that no lowering has replaced', () => {
    const x = g.input('x', [1, 2, 5, 5]);
    const dy = g.input('dy', [1, 3, 5, 5]);
    const geometry = { strides: [1, 1], pads: [1, 1, 1, 1], groups: 1, layout: 'NCHW' } as const;
    expect(() => g.writeOnnx({ dw: g.convWeightGradient(x, dy, geometry, [3, 2, 3, 3]) })).toThrow(
      'ConvWeightGradient: has no ONNX form',
    );
  });

  it('leaves a named side open', async () => {
    const x = g.input('x', ['N', 3, 4]);
    const session = await device.compile(g.writeOnnx({ y: g.reduceSum(g.reshape(x, ['N', 12]), [1]) }));
    for (const n of [1, 5]) {
      const data = new Float32Array(n * 12).fill(2);
      const { y } = await session.run({ x: { dtype: 'float32', dims: [n, 3, 4], data } });
      expect([...y.data]).toEqual(new Array(n).fill(24));
    }
  });

  it('gives one value several names, and an input a name', async () => {
    const x = g.input('x', [2]);
    const y = g.neg(x);
    const session = await device.compile(g.writeOnnx({ a: y, b: y, same: x }));
    const results = await session.run({ x: { dtype: 'float32', dims: [2], data: Float32Array.of(1, 2) } });
    expect([...results.a.data, ...results.b.data, ...results.same.data]).toEqual([-1, -2, -1, -2, 1, 2]);
  });

  it('writes the metadata that is read back', () => {
    const bytes = g.writeOnnx({ y: g.neg(g.input('x', [1])) }, { metadata: { 'csflow.a': '{"é":1}' } });
    expect(g.readOnnxMetadata(bytes, 'm.onnx')).toEqual({ 'csflow.a': '{"é":1}' });
    const changed = g.withOnnxMetadata(bytes, { 'csflow.b': '2' }, 'm.onnx');
    expect(g.readOnnxMetadata(changed, 'm.onnx')).toEqual({ 'csflow.b': '2' });
    // Every other byte stays: without metadata both are the same file.
    const bare = (model: Uint8Array) => Buffer.from(g.withOnnxMetadata(model, {}, 'm.onnx'));
    expect(bare(changed).equals(bare(bytes))).toBe(true);
    expect(bare(bytes).length).toBeGreaterThan(20);
    expect(() => g.readOnnxMetadata(Uint8Array.of(1, 2, 3), 'm.onnx')).toThrow(
      'm.onnx: expected an ONNX model',
    );
  });
});
