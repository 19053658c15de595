import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aupro } from '#csflow/evaluation/aupro.js';
import {
  pixelMetrics,
  pixelMetricsByClass,
  rankPixels,
  type PixelMetrics,
} from '#csflow/evaluation/pixel-metrics.js';
import type { ScoredMap } from '#csflow/evaluation/scored-map.js';
import { bruteForceAupro, bruteForcePixels } from './brute-force-pixels.js';

fc.configureGlobal({ seed: 2022 });

const height = 5;
const width = 6;
const size = height * width;

const picture: fc.Arbitrary<ScoredMap & { readonly mask: Uint8Array }> = fc.record({
  map: fc
    .array(fc.constantFrom(-2.5, -1, -0, 0, 0.1, 0.2, 3, 1e30), { minLength: size, maxLength: size })
    .map((values) => Float32Array.from(values)),
  mask: fc
    .array(fc.constantFrom(0, 0, 1), { minLength: size, maxLength: size })
    .map((values) => Uint8Array.from([...values.slice(0, -2), 0, 1])),
  height: fc.constant(height),
  width: fc.constant(width),
});
const pictures = fc.array(picture, { minLength: 1, maxLength: 4 });

const classes = ['crack', 'stain', undefined] as const;

/** Good pictures, defective ones of two classes, and some whose class nobody named. */
const classified = fc.array(
  fc
    .record({ picture, good: fc.boolean(), defectClass: fc.constantFrom(...classes) })
    .map(({ picture: { mask, ...rest }, good, defectClass }): ScoredMap =>
      good ? rest : { ...rest, mask, ...(defectClass && { defectClass }) },
    ),
  { minLength: 1, maxLength: 6 },
);

/** Exactly what is exact, to the last digits what is summed in another order. */
function expectSame(found: PixelMetrics | undefined, expected: PixelMetrics): void {
  expect(found).toBeDefined();
  for (const key of ['regions', 'regionRecall', 'regionRecallAtF1Max', 'f1Max', 'fprAtTpr95'] as const) {
    expect(found![key], key).toEqual(expected[key]);
  }
  for (const key of ['auroc', 'averagePrecision', 'aupro30', 'aupro05'] as const) {
    if (expected[key] === undefined) expect(found![key], key).toBeUndefined();
    else expect(found![key], key).toBeCloseTo(expected[key], 10);
  }
}

describe('pixel metrics', () => {
  it('AUPRO equals the curve drawn point by point, at any limit', () => {
    fc.assert(
      fc.property(pictures, fc.constantFrom(0.05, 0.3, 0.77, 1), (all, limit) => {
        expect(aupro(rankPixels(all).all, limit)).toBeCloseTo(bruteForceAupro(all, limit), 10);
      }),
      { numRuns: 60 },
    );
  });

  it('every measure equals its definition, of all pictures and of each class with the good ones', () => {
    fc.assert(
      fc.property(classified, fc.constantFrom(-1, 0.1, 3), (all, threshold) => {
        const metrics = pixelMetricsByClass(all, threshold);
        expectSame(metrics.all, bruteForcePixels(all, threshold));
        const named = all.flatMap(({ defectClass }) => defectClass ?? []);
        expect([...metrics.classes.keys()].sort()).toEqual([...new Set(named)].sort());
        for (const [name, ofClass] of metrics.classes) {
          const own = all.filter(({ mask, defectClass }) => mask === undefined || defectClass === name);
          expectSame(ofClass, bruteForcePixels(own, threshold));
        }
      }),
      { numRuns: 80 },
    );
  });

  it('a class whose masks are all empty adds good pixels only', () => {
    const map = Float32Array.of(1, 2, 3, 4);
    const crack = { map, mask: Uint8Array.of(0, 0, 0, 1), height: 2, width: 2, defectClass: 'crack' };
    const empty = { ...crack, mask: new Uint8Array(4), defectClass: 'stain' };
    const { all, classes } = pixelMetricsByClass([crack, empty]);
    expect([...classes.keys()]).toEqual(['crack']);
    expect(all.auroc).toBe(6.5 / 7);
    expect(classes.get('crack')!.auroc).toBe(1);
  });

  it('counts only pixels inside, where the picture says which those are', () => {
    const picture = {
      map: Float32Array.of(9, 1, 5, 2),
      mask: Uint8Array.of(0, 0, 1, 0),
      inside: Uint8Array.of(0, 1, 1, 1),
      height: 2,
      width: 2,
    };
    const { good, defective } = rankPixels([picture]).all;
    expect([good, defective]).toEqual([2, 1]);
    expect(pixelMetrics([picture]).auroc).toBe(1);
    expect(() => rankPixels([{ ...picture, inside: new Uint8Array(3) }])).toThrow(
      'region of 4 values, got 3',
    );
  });

  it('sorts any float32 scores and keeps them exactly', () => {
    const bits = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(bits, (values) => {
        const map = Float32Array.from(values);
        const mask = new Uint8Array(map.length).fill(1);
        const { levels, defectiveAt, good } = rankPixels([{ map, mask, height: 1, width: map.length }]).all;
        const sorted = [...map].map((value) => value + 0).sort((a, b) => a - b);
        expect(good).toBe(0);
        expect([...levels].flatMap((level, j) => Array<number>(defectiveAt[j]).fill(level))).toEqual(sorted);
      }),
    );
  });

  it('weighs regions and not pixels', () => {
    // A large region that is found, a small one that is not.
    const mask = Uint8Array.of(1, 1, 1, 1, 0, 1, 0, 0);
    const map = Float32Array.of(9, 9, 9, 9, 1, 0, 2, 3);
    const ranked = rankPixels([{ map, mask, height: 1, width: 8 }]).all;
    expect([...ranked.levels]).toEqual([0, 9]);
    expect([...ranked.coverageAt]).toEqual([1, 1]);
    expect(ranked.regionPeaks).toEqual([9, 0]);
    expect(aupro(ranked, 1)).toBeCloseTo(0.5, 12);
  });

  it('a perfect map gives 1', () => {
    const mask = Uint8Array.of(0, 1, 0, 0, 1, 1);
    const metrics = pixelMetrics([{ map: Float32Array.from(mask), mask, height: 2, width: 3 }], 0);
    expect(metrics).toEqual({
      auroc: 1,
      averagePrecision: 1,
      f1Max: { f1: 1, threshold: 1 },
      fprAtTpr95: 0,
      aupro30: 1,
      aupro05: 1,
      regions: 1,
      regionRecall: 1,
      regionRecallAtF1Max: 1,
    });
  });

  it('is undefined without defective or without good pixels, or without pictures', () => {
    const none = {
      auroc: undefined,
      averagePrecision: undefined,
      f1Max: undefined,
      fprAtTpr95: undefined,
      aupro30: undefined,
      aupro05: undefined,
      regionRecall: undefined,
      regionRecallAtF1Max: undefined,
    };
    const map = new Float32Array(4);
    expect(pixelMetrics([])).toEqual({ ...none, regions: 0 });
    expect(pixelMetrics([{ map, height: 2, width: 2 }], 0)).toEqual({ ...none, regions: 0 });
    const masked = (value: number) => [{ map, mask: new Uint8Array(4).fill(value), height: 2, width: 2 }];
    expect(pixelMetrics(masked(0), 0)).toEqual({ ...none, regions: 0 });
    expect(pixelMetrics(masked(1))).toEqual({ ...none, regions: 1 });
    expect(pixelMetrics(masked(1), -1)).toEqual({ ...none, regions: 1, regionRecall: 1 });
  });

  it('takes pictures of different sizes, drawn anew each time, and leaves them unchanged', () => {
    const first = { map: Float32Array.of(5, 1), mask: Uint8Array.of(1, 0), height: 1, width: 2 };
    const second = { map: Float32Array.of(4, 2, 3), mask: new Uint8Array(3), height: 3, width: 1 };
    const pictures = {
      *[Symbol.iterator]() {
        yield first;
        yield second;
      },
    };
    const { all } = rankPixels(pictures);
    expect([...all.levels]).toEqual([5]);
    expect([...all.goodBelow]).toEqual([4]);
    expect([...second.map]).toEqual([4, 2, 3]);
  });

  it('refuses a generator, which gives its pictures only once', () => {
    function* once() {
      yield { map: Float32Array.of(1), mask: Uint8Array.of(1), height: 1, width: 1 };
    }
    expect(() => pixelMetrics(once())).toThrow('gone through twice');
  });

  it('counts pixels over many batches as in one', () => {
    const side = 1100;
    const size = { height: side, width: side };
    const draw = (factor: number) => {
      const map = new Float32Array(side * side);
      for (let i = 0; i < map.length; i++) map[i] = (Math.imul(i + 1, factor) >>> 0) % 100_003;
      return map;
    };
    const mask = new Uint8Array(side * side);
    mask.fill(1, 0, 300);
    const maps = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35].map(draw);
    const all = maps.map((map, i) => (i === 0 ? { map, mask, ...size } : { map, ...size }));
    const good = new Float32Array(3 * side * side - 300);
    good.set(maps[0].subarray(300));
    good.set(maps[1], side * side - 300);
    good.set(maps[2], 2 * side * side - 300);
    good.sort();
    const { levels, goodBelow, goodAt } = rankPixels(all).all;
    let counted = 0;
    for (let j = 0; j < levels.length; j++) {
      counted += goodBelow[j];
      expect(counted === 0 || good[counted - 1] < levels[j]).toBe(true);
      expect(counted === good.length || good[counted] >= levels[j]).toBe(true);
      const end = counted + goodAt[j];
      expect(good.subarray(counted, end).every((score) => score === levels[j])).toBe(true);
      expect(good[end] === levels[j]).toBe(false);
      counted = end;
    }
  });

  it('refuses NaN by picture and pixel, lengths that do not fit and a senseless limit', () => {
    const mask = Uint8Array.of(0, 1);
    const fine = { map: Float32Array.of(1, 2), mask, height: 1, width: 2 };
    expect(() => rankPixels([fine, { ...fine, map: Float32Array.of(0, NaN) }])).toThrow('picture 1: map[1]');
    expect(() => rankPixels([{ ...fine, height: 2 }])).toThrow('2 × 2 = 4 values, got 2 and 2');
    expect(() => rankPixels([{ ...fine, mask: new Uint8Array(3) }])).toThrow('got 2 and 3');
    for (const limit of [0, 1.5, NaN]) expect(() => aupro(rankPixels([fine]).all, limit)).toThrow(RangeError);
  });
});
