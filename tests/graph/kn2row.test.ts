import { afterAll, describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { drawn, expectAsEvaluated } from './as-evaluated.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

const random = new NumpyRandom(7);
/** No transforms: what is lost is rounding of sums. */
const bound = 3e-6;
const drawnMatrix = (rows: number, columns: number): g.Matrix => ({
  rows,
  columns,
  values: Float64Array.from(drawn(random, [rows, columns])),
});
interface Case {
  readonly taps: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly upsampled: boolean;
  readonly exchanged: boolean;
}

/** A space-major convolution of a 13×10 map, which may come from a 5×4 one by any linear map, and both gradients. */
function convolution({ taps, strides, pads, upsampled, exchanged }: Case) {
  const geometry = { strides, pads, groups: 1, layout: 'HWNC' } as const;
  const [left, right] = [drawnMatrix(13, 5), drawnMatrix(10, 4)];
  const x = g.input('x', upsampled ? [5, 4, 2, 6] : [13, 10, 2, 6]);
  const given = g.input('w', exchanged ? [...taps, 3, 6] : [...taps, 6, 3]);
  const w = exchanged ? g.transpose(given, g.permutations.exchangeChannels) : given;
  const bias = g.input('bias', [3]);
  const y = g.conv(upsampled ? g.spatialMap(x, 0, left, right) : x, w, bias, geometry);
  const dy = g.input('dy', y.type.dims);
  const loss = g.reduceSum(g.mul(y, dy), g.allAxes(y));
  const [dx, dw] = g.gradients(loss, [x, given]);
  return { inputs: [x, given, bias, dy] as readonly g.NodeOf<'Input'>[], program: { y, dx, dw } };
}

const products = (program: g.Program): readonly string[] =>
  g
    .topologicalOrder(Object.values(program))
    .filter(({ op }) => op === 'MatMul')
    .map(({ type }) => type.dims.join());

const geometries = [
  { taps: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] },
  { taps: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
  { taps: [3, 5], strides: [1, 2], pads: [0, 2, 1, 1] },
  { taps: [5, 5], strides: [2, 2], pads: [2, 2, 2, 2] },
] as const;
const cases: readonly Case[] = geometries.flatMap((geometry) =>
  [false, true].flatMap((upsampled) =>
    [false, true].map((exchanged) => ({ ...geometry, upsampled, exchanged })),
  ),
);

describe('kn2row gives what the evaluator gives', () => {
  it.each(cases.flatMap((each) => [true, false].map((recompute) => ({ ...each, recompute }))))(
    'kernel $taps, strides $strides, pads $pads, upsampled $upsampled, outputs first $exchanged, recompute $recompute',
    async ({ recompute, ...each }) => {
      const { inputs, program } = convolution(each);
      const lowered = g.lower(program, { convolution: 'kn2row', recompute });
      const [taps, rows] = [each.taps[0] * each.taps[1], (each.upsampled ? 5 * 4 : 13 * 10) * 2];
      // y, dx and dw: a product for each tap, its rows those of the smaller map.
      expect(products(lowered)).toEqual(
        expect.arrayContaining([[taps, rows, 3].join(), [taps, rows, 6].join(), [taps, 6, 3].join()]),
      );
      await expectAsEvaluated(device, random, { program, lowered, inputs }, bound);
    },
  );

  it.each(['kn2row', 'cheapest'] as const)(
    'where two convolutions read one upsampled map, whose gradient is a sum: %s',
    async (convolution) => {
      const x = g.input('x', [5, 4, 2, 6]);
      const weights = ['v', 'w'].map((name) => g.input(name, [3, 3, 6, 3]));
      const map = g.spatialMap(x, 0, drawnMatrix(12, 5), drawnMatrix(10, 4));
      const geometry: g.ConvGeometry = { strides: [1, 1], pads: [1, 1, 1, 1], groups: 1, layout: 'HWNC' };
      const [a, b] = weights.map((w) => g.conv(map, w, undefined, geometry));
      const y = g.mul(a, b);
      const [dx, ...dw] = g.gradients(g.reduceSum(y, g.allAxes(y)), [x, ...weights]);
      const program = { y, dx, dv: dw[0], dw: dw[1] };
      const lowered = g.lower(program, { convolution });
      const inputs = [x, ...weights] as readonly g.NodeOf<'Input'>[];
      await expectAsEvaluated(device, random, { program, lowered, inputs }, bound);
    },
  );

  it('and leaves a grouped convolution of an upsampled map direct, its gradients too', async () => {
    const x = g.input('x', [5, 4, 2, 6]);
    const w = g.input('w', [3, 3, 3, 4]);
    const map = g.spatialMap(x, 0, drawnMatrix(13, 5), drawnMatrix(10, 4));
    const y = g.conv(map, w, undefined, { strides: [1, 1], pads: [1, 1, 1, 1], groups: 2, layout: 'HWNC' });
    const [dx, dw] = g.gradients(g.reduceSumSquare(y, g.allAxes(y)), [x, w]);
    const program = { y, dx, dw };
    const lowered = g.lower(program, { convolution: 'kn2row' });
    expect(g.topologicalOrder(Object.values(lowered)).some(({ op }) => op === 'Conv')).toBe(true);
    const inputs = [x, w] as readonly g.NodeOf<'Input'>[];
    await expectAsEvaluated(device, random, { program, lowered, inputs }, bound);
  });
});

describe('the cheapest way', () => {
  const geometry: g.ConvGeometry = { strides: [1, 1], pads: [1, 1, 1, 1], groups: 1, layout: 'HWNC' };
  /** Of so many samples and hidden channels, a map of `side`, upsampled from half of it or not. */
  const wayOf = (batch: number, side: number, hidden: number, upsampled: boolean): string => {
    const up = drawnMatrix(side, side / 2);
    const x = g.input('x', [upsampled ? side / 2 : side, upsampled ? side / 2 : side, batch, hidden]);
    const w = g.input('w', [3, 3, hidden, 304]);
    const y = g.conv(upsampled ? g.spatialMap(x, 0, up, up) : x, w, undefined, geometry);
    return g.describeConvolutions({ y })[0].way.kind;
  };

  it('is kn2row for an upsampled map with large kernels, and for the smallest maps', () => {
    expect(wayOf(4, 24, 1024, true)).toBe('kn2row');
    expect(wayOf(1, 6, 1024, false)).toBe('kn2row');
  });

  it('is tiles for a map that was not upsampled, or many rows of small kernels', () => {
    expect(wayOf(4, 24, 1024, false)).toBe('winograd');
    expect(wayOf(16, 24, 64, true)).toBe('winograd');
  });
});
