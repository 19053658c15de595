import { afterAll, describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { expectAsEvaluated } from './as-evaluated.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

type Dims = readonly number[];

/** A space-major convolution of an uneven map, which no tile divides, with both of its gradients. */
function convolution(taps: number, stride: number) {
  const pad = Math.floor(taps / 2);
  const geometry = {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    groups: 1,
    layout: 'HWNC',
  } as const;
  const x = g.input('x', [13, 11, 2, 6]);
  const w = g.input('w', [taps, taps, 6, 5]);
  const y = g.conv(x, w, undefined, geometry);
  const dy = g.input('dy', y.type.dims);
  const dx = g.convInputGradient(dy, w, geometry, x.type.dims);
  const dw = g.convWeightGradient(x, dy, geometry, w.type.dims as Dims);
  return { inputs: [x, w, dy] as readonly g.NodeOf<'Input'>[], program: { y, dx, dw } };
}

/** Products along one axis: tile + taps − 1 of each phase. */
const positions = (tile: number, taps: number, stride: number): number =>
  stride === 1 ? tile + taps - 1 : 2 * tile + taps - 2;

/** Transforms of 9 and 10 products lose digits; the lowering takes them only where it is told to. */
const boundOf = (tile: number, taps: number, stride: number): number => {
  const longest = stride === 1 ? taps : Math.ceil(taps / 2);
  return tile + longest - 1 <= 8 ? 1e-5 : 1e-3;
};

const tiles = [1, 2, 3, 4, 5, 6];
const cases = [3, 5].flatMap((taps) =>
  [1, 2].flatMap((stride) => tiles.map((tile) => ({ tile, taps, stride }))),
);

describe('each tile that is forced gives what the evaluator gives', () => {
  it.each(cases)('F($tile, $taps) with stride $stride', async ({ tile, taps, stride }) => {
    const { inputs, program } = convolution(taps, stride);
    const lowered = g.lower(program, { convolution: { winograd: [tile, tile] } });
    const batches = g
      .topologicalOrder(Object.values(lowered))
      .filter(({ op, type }) => op === 'MatMul' && type.dims.length === 3)
      .map(({ type }) => type.dims[0]);
    expect(batches).toContain(positions(tile, taps, stride) ** 2);
    const random = new NumpyRandom(tile);
    await expectAsEvaluated(device, random, { program, lowered, inputs }, boundOf(tile, taps, stride));
  });
});

describe('the choice of a convolution', () => {
  const { program } = convolution(5, 1);
  const lowerWith = (convolution: g.ConvolutionChooser) => g.lower(program, { convolution });

  it.each([
    [
      [7, 2],
      'F(7×2, 5×5) with stride 1×1: expected a tile of 1 to 6 outputs down and 1 to 6 across, got 7×2',
    ],
    [[2, 7], 'got 2×7'],
    [[0, 2], 'got 0×2'],
    [[2, 1.5], 'got 2×1.5'],
  ] as const)('refuses the tile %j and says what is possible', (winograd, message) => {
    expect(() => lowerWith({ winograd })).toThrow(message);
  });

  it('may differ by layer', () => {
    const { program: strided } = convolution(3, 2);
    const both = { y: program.y, strided: strided.y };
    const convolutions = (of: g.Program): number =>
      g.topologicalOrder(Object.values(of)).filter(({ op }) => op === 'Conv').length;
    const mixed = g.lower(both, {
      convolution: ({ down }) => (down.stride === 2 ? 'direct' : { winograd: [4, 4] }),
    });
    expect(convolutions(mixed)).toBe(1);
    expect(convolutions(g.lower(both, { convolution: 'direct' }))).toBe(2);
    expect(convolutions(g.lower(both))).toBe(0);
  });
});
