import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actNormStartProgram,
  affineCoupling,
  channelAffine,
  glow,
  glowCoupling,
  invertibleConvolution,
  luStart,
  nice,
  permutation,
  randomRotation,
  realNvp,
  sequence,
  squeeze,
  split,
  type ClampKind,
  type FlowModel,
  type InvertibleModule,
} from '#csflow/flow/index.js';
import {
  concat,
  constant,
  evaluate,
  input,
  scale,
  type Float64Tensor,
  type Node,
} from '#csflow/graph/index.js';
import { logScale } from '#csflow/flow/log-scale.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { floatTensor } from '#csflow/tensor/tensor.js';
import { logAbsDeterminant, runModule } from './jacobian.js';

const drawn = (random: NumpyRandom, dims: readonly number[], deviation = 1): Float64Tensor => ({
  dims,
  data: Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => deviation * random.normal()),
});

const fixed = (random: NumpyRandom, dims: readonly number[], deviation = 1) =>
  constant(floatTensor(dims, Float32Array.from(drawn(random, dims, deviation).data)));

/** A model whose learned values are drawn, so that no coupling is the identity. */
function withDrawnValues(model: FlowModel, random: NumpyRandom): InvertibleModule {
  const values = new Map(
    model.parameters.map(({ name, dims, start }) => {
      const values = start(random);
      return [
        name,
        constant(
          floatTensor(
            dims,
            values.map((value) => value + 0.3 * random.normal()),
          ),
        ),
      ];
    }),
  );
  return model.module({ parameter: (name) => values.get(name)! });
}

/** Undone by the inverse, log-dets cancel, and the log-det is that of the numerical Jacobian. */
function expectExact(module: InvertibleModule, x: readonly Float64Tensor[]): number {
  const { back, logDet, inverseLogDet, jacobian } = runModule(module, x);
  back.forEach(({ dims, data }, i) => {
    expect(dims).toEqual(x[i].dims);
    const largest = Math.max(...x[i].data.map(Math.abs));
    data.forEach((value, k) => expect(Math.abs(value - x[i].data[k]) / largest).toBeLessThan(1e-7));
  });
  expect(logDet + inverseLogDet).toBeCloseTo(0, 8);
  expect(logDet).toBeCloseTo(logAbsDeterminant(jacobian()), 5);
  return logDet;
}

const vectors = [1, 5];
const pictures = [1, 4, 4, 2];

describe('every module is exact: inverse, log-dets that cancel, log-det of the Jacobian', () => {
  const clampKinds: readonly ClampKind[] = ['atan', 'tanh', 'sigmoid'];
  const models: readonly [string, FlowModel, readonly number[]][] = [
    ['NICE on vectors', nice([5], { steps: 2, hidden: 4 }), vectors],
    ['NICE on pictures', nice([1, 4, 4], { steps: 2, hidden: 3 }), [1, 1, 4, 4]],
    ['Glow on vectors', glow([5], { steps: 2, hidden: 4 }), vectors],
    ['Glow on pictures', glow([1, 4, 4], { steps: 2, hidden: 3 }), [1, 1, 4, 4]],
    ...clampKinds.flatMap((clampKind): [string, FlowModel, readonly number[]][] => [
      [`RealNVP, ${clampKind}, on vectors`, realNvp([5], { steps: 2, hidden: 4, clampKind }), vectors],
      [
        `RealNVP, ${clampKind}, on pictures`,
        realNvp([1, 4, 4], { steps: 2, hidden: 3, clampKind, clamp: 1.5 }),
        [1, 1, 4, 4],
      ],
    ]),
    ['RealNVP without a clamp', realNvp([5], { steps: 1, hidden: 4, clamp: 0 }), vectors],
  ];
  it.each(models)('%s', (_, model, dims) => {
    const random = new NumpyRandom(8);
    expectExact(withDrawnValues(model, random), [drawn(random, dims)]);
  });

  it('an affine map of each channel', () => {
    const random = new NumpyRandom(1);
    const affine = channelAffine([{ logScale: fixed(random, [4]), shift: fixed(random, [4]) }]);
    expect(Math.abs(expectExact(affine, [drawn(random, pictures)]))).toBeGreaterThan(0.1);
  });

  it('an invertible 1×1 convolution, for any number of channels, on vectors and on maps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(500), fc.boolean(), (channels, seed, map) => {
        const random = new NumpyRandom(seed);
        const convolution = invertibleConvolution(luStart(randomRotation(channels, random), channels), {
          lower: fixed(random, [channels, channels], 0.5),
          upper: fixed(random, [channels, channels], 0.5),
          logDiagonal: fixed(random, [channels], 0.5),
        });
        expectExact(convolution, [drawn(random, map ? [1, channels, 2, 2] : [1, channels])]);
      }),
      { numRuns: 20, seed: 2 },
    );
  });

  it('squeeze and split', () => {
    const random = new NumpyRandom(1);
    const x = [drawn(random, pictures.with(3, 4))];
    expect(expectExact(squeeze(), x)).toBe(0);
    expect(expectExact(split(1), x)).toBe(0);
    expect(expectExact(sequence([squeeze(), permutation([[...Array(16).keys()].reverse()])]), x)).toBe(0);
  });
});

describe('the log-scale', () => {
  // l(s) at s = 1 and 100 for clamp 2, by hand: 2·0.636·atan(s/2), 2·tanh(s/2), 2·(2σ(s/2) − 1).
  it.each<[ClampKind, number, number]>([
    ['atan', 0.58976, 1.972616],
    ['tanh', 0.924234, 2],
    ['sigmoid', 0.489837, 2],
  ])('%s', (clampKind, at1, at100) => {
    const s = input('s', [2]);
    const { l } = evaluate(
      { l: logScale(s, { clamp: 2, clampKind }) },
      { s: { dims: [2], data: Float64Array.of(1, 100) } },
    );
    expect(l.data[0]).toBeCloseTo(at1, 5);
    expect(l.data[1]).toBeCloseTo(at100, 5);
  });

  it('is s itself without a clamp, and refuses other clamps', () => {
    const s = input('s', [1]);
    expect(logScale(s, { clamp: 0 })).toBe(s);
    expect(() => realNvp([2], { clamp: -1 }).module({ parameter: (name) => input(name, [1]) })).toThrow(
      'clamp: expected a number from 0, got -1',
    );
  });
});

describe('space-major maps', () => {
  const layout = 'HWNC';
  const random = new NumpyRandom(6);
  const x = drawn(random, [2, 4, 1, 4]);
  const wide = (halves: readonly Node[], factor: number) => halves.map((half) => scale(half, factor));
  const modules: readonly [string, InvertibleModule][] = [
    ['permutation', permutation([[2, 0, 3, 1]], layout)],
    ['ActNorm', channelAffine([{ logScale: fixed(random, [4]), shift: fixed(random, [4]) }], layout)],
    [
      '1×1 convolution',
      invertibleConvolution(
        luStart(randomRotation(4, random), 4),
        {
          lower: fixed(random, [4, 4]),
          upper: fixed(random, [4, 4]),
          logDiagonal: fixed(random, [4]),
        },
        layout,
      ),
    ],
    ['split', split(1, layout)],
    [
      'affine coupling',
      affineCoupling({
        firstChannels: 2,
        secondChannels: 2,
        clamp: 2,
        scale1: (halves) => wide(halves, 0.7),
        shift1: (halves) => wide(halves, 2),
        scale2: (halves) => wide(halves, -0.4),
        shift2: (halves) => wide(halves, 0.1),
        layout,
      }),
    ],
    [
      'Glow coupling',
      glowCoupling({
        firstChannels: 2,
        secondChannels: 2,
        clamp: 2,
        subnet1: (halves) => halves.map((half) => concat([half, scale(half, 0.5)], 3)),
        subnet2: (halves) => halves.map((half) => concat([scale(half, -1), half], 3)),
        layout,
      }),
    ],
  ];
  it.each(modules)('%s', (_, module) => {
    expectExact(module, [x]);
  });
});

describe('sequence', () => {
  it('refuses modules that change the number of branches', () => {
    const parts = sequence([split(1), permutation([[0]])]);
    expect(() => parts.forward([input('x', ['N', 2])])).toThrow(
      'sequence: expected 1 branches throughout, got 2; join such modules in a flowGraph',
    );
  });
});

describe('the invertible 1×1 convolution', () => {
  it('starts as the matrix it is given', () => {
    const random = new NumpyRandom(3);
    const matrix = randomRotation(4, random);
    const start = luStart(matrix, 4);
    const value = (data: Float32Array, dims: readonly number[]) => constant(floatTensor(dims, data));
    const module = invertibleConvolution(start, {
      lower: value(start.lower, [4, 4]),
      upper: value(start.upper, [4, 4]),
      logDiagonal: value(start.logDiagonal, [4]),
    });
    const identity = Float64Array.from({ length: 16 }, (_, i) => Number(i % 5 === 0));
    const { y } = evaluate(
      { y: module.forward([input('x0', [4, 4])]).outputs[0] },
      { x0: { dims: [4, 4], data: identity } },
    );
    // Row i of the result is W times the i-th unit vector: the i-th column.
    y.data.forEach((found, i) => expect(found).toBeCloseTo(matrix[(i % 4) * 4 + Math.floor(i / 4)], 6));
  });

  it('refuses a singular matrix', () => {
    expect(() => luStart(new Float64Array(4), 2)).toThrow('expected an invertible matrix');
  });
});

describe('squeeze', () => {
  it('puts two by two positions into four neighbouring channels', () => {
    const x = { dims: [1, 1, 2, 4], data: Float64Array.from({ length: 8 }, (_, i) => i) };
    const { y } = evaluate({ y: squeeze().forward([input('x', x.dims)]).outputs[0] }, { x });
    expect(y).toEqual({ dims: [1, 4, 1, 2], data: Float64Array.of(0, 2, 1, 3, 4, 6, 5, 7) });
  });

  it('is for maps only', () => {
    expect(() => squeeze().forward([input('x', ['N', 4])])).toThrow('squeeze: expected a map [N, C, H, W]');
  });
});

describe('permutation', () => {
  it.each([[[0, 0]], [[0, 2]], [[-1, 0]]])('refuses %j', (order) => {
    expect(() => permutation([order])).toThrow('permutation: expected each of 0 to 1 once');
  });
});

describe('ready models', () => {
  it('start as a volume-preserving map where they have no ActNorm', () => {
    const model = realNvp([4], { steps: 3, hidden: 8 });
    const random = new NumpyRandom(1);
    const values = new Map(
      model.parameters.map(({ name, dims, start }) => [name, constant(floatTensor(dims, start(random)))]),
    );
    const module = model.module({ parameter: (name) => values.get(name)! });
    expect(runModule(module, [drawn(random, [1, 4])]).logDet).toBe(0);
  });

  it("give every ActNorm's output mean 0 and deviation 1 on the first batch", () => {
    const model = glow([1, 4, 4], { steps: 2, hidden: 4 });
    const random = new NumpyRandom(5);
    const start = new Map(model.parameters.map((tensor) => [tensor.name, tensor.start(random)]));
    const nodes = new Map(
      model.parameters.map(({ name, dims }) => [name, constant(floatTensor(dims, start.get(name)!))]),
    );
    const x = drawn(random, [64, 1, 4, 4], 3);
    x.data.forEach((value, i) => (x.data[i] = value + 7));
    const program = actNormStartProgram(model, (name) => nodes.get(name)!, 64);
    expect(Object.keys(program)).toHaveLength(8);
    const found = evaluate(program, { x0: x });
    for (const [name, { dims, data }] of Object.entries(found)) {
      nodes.set(name, constant(floatTensor(dims, Float32Array.from(data))));
    }
    // The couplings are identities at the start, so z is a rotation of the last ActNorm's output.
    const { outputs } = model
      .module({ parameter: (name) => nodes.get(name)! })
      .forward([input('x0', x.dims)]);
    const results = evaluate(Object.fromEntries(outputs.map((z, i) => [`z${i}`, z])), { x0: x });
    const last = results.z1.data;
    const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
    const variance = last.reduce((sum, value) => sum + value * value, 0) / last.length;
    expect(mean).toBeCloseTo(0, 4);
    expect(variance).toBeCloseTo(1, 4);
  });

  it('refuse vectors of one value and pictures whose sides do not divide', () => {
    expect(() => nice([4], { steps: 1.5 })).toThrow('steps: expected a whole number from 1, got 1.5');
    expect(() => glow([1])).toThrow('vector: expected 2 or more values to couple, got 1');
    expect(() => realNvp([1, 6, 8])).toThrow(
      'picture: expected sides that divide by 4 for 2 levels, got 6×8',
    );
  });
});
