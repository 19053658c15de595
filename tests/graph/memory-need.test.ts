import { afterAll, describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { floatTensor } from '#csflow/tensor/tensor.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

describe('memoryNeed', () => {
  const x = g.input('x', [100]);
  const tanh = (from: g.Node, times: number): g.Node => (times === 0 ? from : tanh(g.tanh(from), times - 1));

  it('counts one value where each is computed over the one before', () => {
    expect(g.memoryNeed({ y: tanh(x, 5) })).toEqual({ peak: 400, constants: 0 });
  });

  it('counts a value until its last use, and views not at all', () => {
    const kept = g.exp(x);
    const y = g.add(g.reshape(tanh(g.transpose(g.reshape(kept, [10, 10]), [1, 0]), 3), [100]), kept);
    expect(g.memoryNeed({ y }).peak).toBe(800);
  });

  it('leaves out results with a place of their own and counts constants apart', () => {
    const y = g.mul(g.exp(x), g.constant(floatTensor([100], new Float32Array(100))));
    expect(g.memoryNeed({ y }, new Set(['y']))).toEqual({ peak: 400, constants: 400 });
  });
});

describe('recomputed transforms', () => {
  const dims = [8, 8, 2, 6];
  const geometry = { strides: [1, 1], pads: [1, 1, 1, 1], groups: 1, layout: 'HWNC' } as const;
  const x = g.input('x', dims);
  const weights = Array.from({ length: 4 }, (_, i) => g.input(`w${i}`, [3, 3, 6, 6]));
  const layers = weights.reduce<g.Node>(
    (from, w) => g.leakyRelu(g.conv(from, w, undefined, geometry), 0.1),
    x,
  );
  const loss = g.reduceSumSquare(layers, g.allAxes(layers));
  const program = Object.fromEntries(g.gradients(loss, weights).map((dw, i) => [`dw${i}`, dw]));
  const [keeping, again] = [false, true].map((recompute) => g.lower(program, { recompute }));

  it('need less memory', () => {
    expect(g.memoryNeed(again).peak).toBeLessThan(0.9 * g.memoryNeed(keeping).peak);
  });

  it('give the same gradients', async () => {
    const random = new NumpyRandom(3);
    const feeds = Object.fromEntries(
      [x, ...weights].map((node) => {
        const sides = node.type.dims as readonly number[];
        const values = Float32Array.from(
          { length: sides.reduce((a, b) => a * b) },
          () => random.uniform() - 0.5,
        );
        return [(node as g.NodeOf<'Input'>).attributes.name, floatTensor(sides, values)];
      }),
    );
    const run = async (lowered: g.Program, text: g.ModelText) => {
      const session = await device.compile(g.writeOnnx(lowered, text));
      return session.run(feeds);
    };
    expect(await run(again, { hideShapes: true })).toEqual(await run(keeping, {}));
  });
});
