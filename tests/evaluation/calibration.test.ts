import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate, pValue, pValues, rateAbove } from '#csflow/evaluation/calibration.js';
import { sortGoodScores } from '#csflow/evaluation/good-scores.js';
import { UserError } from '#csflow/errors.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

fc.configureGlobal({ seed: 2022 });

const rates = fc.constantFrom(0.005, 0.01, 0.05, 0.07, 0.1, 0.29, 0.3, 1 / 3, 0.5, 0.9);
const someScores = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 120 });

describe('calibrate', () => {
  it('takes the k-th smallest score, k = ⌈(n + 1)(1 − α)⌉', () => {
    const scores = Array.from({ length: 199 }, (_, i) => (i * 83) % 199);
    const { threshold, enough, neededImages, falseRejectRate, scores: sorted } = calibrate(scores);
    expect({ threshold, enough, neededImages, falseRejectRate }).toEqual({
      threshold: 197, // the 198th of 0 … 198
      enough: true,
      neededImages: 99,
      falseRejectRate: 0.01,
    });
    expect([...sorted]).toEqual(Array.from({ length: 199 }, (_, i) => i));
  });

  it.each([
    [0.01, 99],
    [0.05, 19],
    [0.1, 9],
    [0.29, 3],
    [0.3, 3],
    [1 / 3, 2],
    [0.5, 1],
    [0.9, 1],
    [0.002, 499],
  ])('α = %f needs %i images, one fewer is too few', (rate, needed) => {
    const scores = Array.from({ length: needed }, (_, i) => i);
    expect(calibrate(scores, rate)).toMatchObject({ enough: true, neededImages: needed });
    if (needed === 1) return;
    const few = calibrate(scores.slice(1), rate);
    expect(few).toMatchObject({ enough: false, neededImages: needed, threshold: needed - 1 });
  });

  it('counts decimal rates exactly: with 99 images k = 100 − 100·α', () => {
    const scores = Array.from({ length: 99 }, (_, i) => i + 1);
    for (let percent = 1; percent < 100; percent++) {
      expect(calibrate(scores, percent / 100).threshold).toBe(100 - percent);
    }
  });

  it('rejects at most floor(α(n + 1)) of its own images, and p-values agree with it', () => {
    fc.assert(
      fc.property(someScores, rates, fc.integer({ min: -1, max: 31 }), (scores, rate, score) => {
        const { threshold, enough, scores: sorted } = calibrate(scores, rate);
        const rejected = scores.filter((one) => one > threshold).length;
        expect(rejected).toBeLessThanOrEqual(rate * (scores.length + 1) + 1e-9);
        if (enough) expect(score > threshold).toBe(pValue(sorted, score) <= rate + 1e-12);
        else expect(rejected).toBe(0);
      }),
    );
  });

  it('over many draws rejects at most α of new good images, and not far fewer where scores have no ties', () => {
    const random = new NumpyRandom(7);
    for (const [n, rate, draw] of [
      [99, 0.01, () => random.normal()],
      [60, 0.05, () => Math.exp(2 * random.normal())],
      [25, 0.1, () => Math.round(3 * random.normal())],
    ] as const) {
      const trials = 6000;
      let rejected = 0;
      for (let trial = 0; trial < trials; trial++) {
        const { threshold } = calibrate(Float64Array.from({ length: n }, draw), rate);
        if (draw() > threshold) rejected++;
      }
      const noise = 4 * Math.sqrt((rate * (1 - rate)) / trials);
      expect(rejected / trials).toBeLessThan(rate + noise);
      if (n !== 25) expect(rejected / trials).toBeGreaterThan(Math.floor(rate * (n + 1)) / (n + 1) - noise);
    }
  });

  it('refuses senseless rates, no scores and NaN', () => {
    for (const rate of [0, 1, -0.1, 5, NaN]) expect(() => calibrate([1, 2], rate)).toThrow(UserError);
    expect(() => calibrate([])).toThrow(UserError);
    expect(() => calibrate([1, NaN, 2])).toThrow('scores[1]');
  });

  it('leaves the caller’s scores as they are', () => {
    const scores = Float64Array.of(3, 1, 2);
    calibrate(scores);
    expect([...scores]).toEqual([3, 1, 2]);
  });
});

describe('pValue', () => {
  it('counts calibration scores at or above', () => {
    fc.assert(
      fc.property(someScores, fc.integer({ min: -1, max: 31 }), (scores, score) => {
        const sorted = Float64Array.from(scores).sort();
        const above = scores.filter((one) => one >= score).length;
        expect(pValue(sorted, score)).toBe((1 + above) / (scores.length + 1));
      }),
    );
  });

  it('is super-uniform for exchangeable scores, ties included', () => {
    const random = new NumpyRandom(11);
    const trials = 8000;
    for (const draw of [() => random.normal(), () => random.integerUpTo(5)]) {
      const values = Array.from({ length: trials }, () => {
        const sorted = Float64Array.from({ length: 40 }, draw).sort();
        return pValue(sorted, draw());
      });
      for (const u of [0.03, 0.1, 0.25, 0.5, 0.8]) {
        const share = values.filter((p) => p <= u).length / trials;
        expect(share).toBeLessThan(u + 4 * Math.sqrt((u * (1 - u)) / trials));
      }
    }
  });

  it('knows nothing without calibration images, and refuses NaN', () => {
    expect(pValue([], 3)).toBe(1);
    expect(() => pValue([1], NaN)).toThrow(RangeError);
  });
});

describe('images that share parts', () => {
  const alike = fc.array(
    fc.record({ score: fc.integer({ min: 0, max: 30 }), part: fc.integer({ min: 0, max: 9 }) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );

  it('count once a part: of each part that many images are above, by its share', () => {
    fc.assert(
      fc.property(alike, rates, fc.integer({ min: -1, max: 31 }), (images, rate, score) => {
        const parts = new Map<number, number[]>();
        for (const image of images) parts.set(image.part, [...(parts.get(image.part) ?? []), image.score]);
        /** Σ over parts of the share that holds. */
        const shares = (holds: (score: number) => boolean) =>
          [...parts.values()].reduce((sum, all) => sum + all.filter(holds).length / all.length, 0);
        const scores = images.map((image) => image.score);
        const groups = images.map(({ part }) => part);
        const { threshold, enough } = calibrate(scores, rate, groups);
        const allowed = rate * (parts.size + 1) - 1;
        expect(enough).toBe(allowed >= -1e-9);
        if (enough) {
          expect(shares((one) => one > threshold)).toBeLessThanOrEqual(allowed + 1e-8);
          // Every lower score leaves too much above it.
          for (const lower of scores.filter((one) => one < threshold)) {
            expect(shares((one) => one > lower)).toBeGreaterThan(allowed);
          }
        } else expect(threshold).toBe(Math.max(...scores));

        const good = sortGoodScores(scores, groups);
        const p = pValues(good)(score);
        expect(p).toBeCloseTo((1 + shares((one) => one >= score)) / (parts.size + 1), 12);
        if (enough && Math.abs(p - rate) > 1e-8) expect(score > threshold).toBe(p <= rate);
        expect(rateAbove(good, score)).toBeCloseTo((1 + shares((one) => one > score)) / (parts.size + 1), 12);
      }),
    );
  });

  it('of parts of their own are what they are without parts', () => {
    fc.assert(
      fc.property(someScores, rates, fc.integer({ min: -1, max: 31 }), (scores, rate, score) => {
        const own = calibrate(
          scores,
          rate,
          scores.map((_, i) => `part ${i}`),
        );
        expect(own).toEqual(calibrate(scores, rate));
        expect(pValues(own)(score)).toBeCloseTo(pValue(own.scores, score), 12);
      }),
    );
  });

  it('keep the part of each score through the sorting', () => {
    const { scores, groups } = sortGoodScores([5, 1, 4, 2], ['b', 'a', 'b', 'c']);
    expect([...scores]).toEqual([1, 2, 4, 5]);
    expect([...groups]).toEqual([0, 1, 2, 2]);
    expect(() => sortGoodScores([1, 2], ['a'])).toThrow('groups: expected 2');
  });

  it('need as many parts as they would images', () => {
    const scores = Array.from({ length: 594 }, (_, i) => i);
    const parts = scores.map((i) => i % 99);
    expect(calibrate(scores, 0.01, parts)).toMatchObject({ enough: true, neededImages: 99 });
    expect(calibrate(scores, 0.009, parts)).toMatchObject({
      enough: false,
      neededImages: 111,
      threshold: 593,
    });
  });
});
