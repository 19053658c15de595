import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectedRegions } from '#csflow/evaluation/connected-regions.js';
import { imageMetrics } from '#csflow/evaluation/image-metrics.js';
import { aupro, pixelMetrics } from '#csflow/evaluation/pixel-metrics.js';
import { rankPixels, type ScoredMap } from '#csflow/evaluation/pixel-ranking.js';

fc.configureGlobal({ seed: 2022 });

const height = 5;
const width = 6;
const size = height * width;

const picture: fc.Arbitrary<ScoredMap> = fc.record({
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

/** The curve point by point: every threshold is applied to every picture anew. */
function bruteForceAupro(all: readonly ScoredMap[], limit: number): number {
  const regions = all.map(({ mask }) => connectedRegions(mask, height, width));
  const thresholds = [...new Set(all.flatMap(({ map }) => [...map]))].sort((a, b) => b - a);
  const goodCount = all.flatMap(({ mask }) => [...mask]).filter((value) => value === 0).length;
  const curve = [{ fpr: 0, overlap: 0 }];
  for (const threshold of thresholds) {
    const falsePositives = all.flatMap(({ map, mask }) =>
      [...map].filter((v, i) => v >= threshold && !mask[i]),
    );
    const shares = all.flatMap(({ map }, k) =>
      regions[k].areas.map(
        (area, r) =>
          [...map].filter((v, i) => v >= threshold && regions[k].labels[i] === r + 1).length / area,
      ),
    );
    curve.push({
      fpr: falsePositives.length / goodCount,
      overlap: shares.reduce((a, b) => a + b, 0) / shares.length,
    });
  }
  let area = 0;
  for (let i = 1; i < curve.length; i++) {
    const { fpr: x0, overlap: y0 } = curve[i - 1];
    const { fpr: x1, overlap: y1 } = curve[i];
    if (x0 >= limit || x0 === x1) continue;
    const end = Math.min(limit, x1);
    area += (end - x0) * (y0 + ((y1 - y0) * (end - x0)) / (x1 - x0) / 2);
  }
  return area / limit;
}

describe('pixel metrics', () => {
  it('AUPRO equals the curve drawn point by point, at any limit', () => {
    fc.assert(
      fc.property(pictures, fc.constantFrom(0.05, 0.3, 0.77, 1), (all, limit) => {
        expect(aupro(rankPixels(all), limit)).toBeCloseTo(bruteForceAupro(all, limit), 10);
      }),
      { numRuns: 60 },
    );
  });

  it('AUROC and AP are those of all pixels as one list', () => {
    fc.assert(
      fc.property(pictures, (all) => {
        const flat = imageMetrics(
          all.flatMap(({ map }) => [...map]),
          all.flatMap(({ mask }) => [...mask]),
        );
        const metrics = pixelMetrics(all);
        expect(metrics.auroc).toBeCloseTo(flat.auroc!, 12);
        expect(metrics.averagePrecision).toBeCloseTo(flat.averagePrecision!, 12);
      }),
    );
  });

  it('sorts any float32 scores and keeps them exactly', () => {
    const bits = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(bits, (values) => {
        const map = Float32Array.from(values);
        const mask = new Uint8Array(map.length).fill(1);
        const { defective, good } = rankPixels([{ map, mask, height: 1, width: map.length }]);
        expect(good).toHaveLength(0);
        expect([...defective]).toEqual([...map].map((value) => value + 0).sort((a, b) => a - b));
      }),
    );
  });

  it('weighs regions and not pixels', () => {
    // A large region that is found, a small one that is not.
    const mask = Uint8Array.of(1, 1, 1, 1, 0, 1, 0, 0);
    const map = Float32Array.of(9, 9, 9, 9, 1, 0, 2, 3);
    const ranked = rankPixels([{ map, mask, height: 1, width: 8 }]);
    expect(ranked.regions).toBe(2);
    expect([...ranked.coverage]).toEqual([0, 0.125, 0.25, 0.375, 0.5, 1]);
    expect(aupro(ranked, 1)).toBeCloseTo(0.5, 12);
  });

  it('a perfect map gives 1', () => {
    const mask = Uint8Array.of(0, 1, 0, 0, 1, 1);
    const metrics = pixelMetrics([{ map: Float32Array.from(mask), mask, height: 2, width: 3 }]);
    expect(metrics).toEqual({ auroc: 1, averagePrecision: 1, aupro30: 1, aupro05: 1 });
  });

  it('is undefined without defective or without good pixels, or without pictures', () => {
    const none = {
      auroc: undefined,
      averagePrecision: undefined,
      aupro30: undefined,
      aupro05: undefined,
    };
    const map = new Float32Array(4);
    expect(pixelMetrics([])).toEqual(none);
    expect(pixelMetrics([{ map, mask: new Uint8Array(4), height: 2, width: 2 }])).toEqual(none);
    expect(pixelMetrics([{ map, mask: new Uint8Array(4).fill(1), height: 2, width: 2 }])).toEqual(none);
  });

  it('takes pictures of different sizes from a generator, and leaves them unchanged', () => {
    const first = { map: Float32Array.of(5, 1), mask: Uint8Array.of(1, 0), height: 1, width: 2 };
    const second = { map: Float32Array.of(4, 2, 3), mask: new Uint8Array(3), height: 3, width: 1 };
    function* stream() {
      yield first;
      yield second;
    }
    const { good, defective } = rankPixels(stream());
    expect([...good]).toEqual([1, 2, 3, 4]);
    expect([...defective]).toEqual([5]);
    expect([...second.map]).toEqual([4, 2, 3]);
  });

  it('refuses NaN by picture and pixel, lengths that do not fit and a senseless limit', () => {
    const mask = Uint8Array.of(0, 1);
    const fine = { map: Float32Array.of(1, 2), mask, height: 1, width: 2 };
    expect(() => rankPixels([fine, { ...fine, map: Float32Array.of(0, NaN) }])).toThrow('picture 1: map[1]');
    expect(() => rankPixels([{ ...fine, height: 2 }])).toThrow('2 × 2 = 4 values, got 2 and 2');
    expect(() => rankPixels([{ ...fine, mask: new Uint8Array(3) }])).toThrow('got 2 and 3');
    for (const limit of [0, 1.5, NaN]) expect(() => aupro(rankPixels([fine]), limit)).toThrow(RangeError);
  });
});
