import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calibrate } from '#csflow/evaluation/calibration.js';
import { sortGoodScores } from '#csflow/evaluation/good-scores.js';
import {
  bandAtChosenValue,
  bandAtOrderStatistic,
  bandAtValue,
  thresholdBand,
} from '#csflow/evaluation/rate-band.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { drawParts, upperTail, type DrawnScores } from './drawn-scores.js';

/** Quantiles of scipy's beta distribution; the program stands beside them. */
interface BetaBand {
  readonly n: number;
  readonly above: number;
  readonly confidence: number;
  readonly order_statistic: readonly [number, number];
  readonly clopper_pearson: readonly [number, number];
}
const { beta_bands: betaBands } = JSON.parse(
  readFileSync(new URL('../fixtures/golden/count_distributions.json', import.meta.url), 'utf8'),
) as { readonly beta_bands: readonly BetaBand[] };

const countingUp = (n: number) => sortGoodScores(Float64Array.from({ length: n }, (_, i) => i));

describe('the band of the true rate, of independent scores', () => {
  it.each(betaBands)('$above of $n above, $confidence: scipy’s beta quantiles', (made) => {
    const good = countingUp(made.n);
    const { low, high, confidence } = bandAtOrderStatistic(good, made.above, made.confidence);
    expect(confidence).toBe(made.confidence);
    expect(Math.abs(low - made.order_statistic[0])).toBeLessThan(1e-10);
    expect(Math.abs(high - made.order_statistic[1])).toBeLessThan(1e-10);
    const chosen = bandAtValue(good, made.n - 1 - made.above, made.confidence);
    expect(Math.abs(chosen.low - made.clopper_pearson[0])).toBeLessThan(1e-10);
    expect(Math.abs(chosen.high - made.clopper_pearson[1])).toBeLessThan(1e-10);
  });

  it('knows the ends: a threshold above and below all scores', () => {
    expect(bandAtValue(countingUp(50), 100)).toMatchObject({ low: 0 });
    expect(bandAtValue(countingUp(50), -1)).toMatchObject({ high: 1 });
  });
});

describe('the band where the scores chose the threshold themselves', () => {
  it('holds the true rate at all places between the scores at once, so whichever was chosen', () => {
    const random = new NumpyRandom(11);
    const draws = 120;
    const held = { fixed: 0, chosen: 0 };
    for (let i = 0; i < draws; i++) {
      const { scores, groups, rateAbove } = drawParts(random, 100, 1, 0);
      const good = sortGoodScores(scores, groups);
      const places = good.scores.filter((_, place) => place % 5 === 4);
      const holds = (bandAt: typeof bandAtValue): boolean =>
        places.every((value) => {
          const { low, high } = bandAt(good, value);
          return low <= rateAbove(value) && rateAbove(value) <= high;
        });
      held.fixed += Number(holds(bandAtValue)) / draws;
      held.chosen += Number(holds(bandAtChosenValue)) / draws;
    }
    expect(held.chosen).toBeGreaterThan(0.95);
    expect(held.fixed).toBeLessThan(0.9);
  });

  it('says the confidence that it holds with, and is wider', () => {
    const [fixed, chosen] = [bandAtValue(countingUp(50), 40), bandAtChosenValue(countingUp(50), 40)];
    expect(chosen.confidence).toBe(0.95);
    expect(chosen.low).toBeLessThan(fixed.low);
    expect(chosen.high).toBeGreaterThan(fixed.high);
  });
});

/** How often the true rate lies below, in and above the band over many draws. */
function coverage(draws: number, rate: number, seed: number, draw: (random: NumpyRandom) => DrawnScores) {
  const random = new NumpyRandom(seed);
  const counts = { below: 0, covered: 0, above: 0, meanRate: 0 };
  for (let i = 0; i < draws; i++) {
    const { scores, groups, rateAbove } = draw(random);
    const { threshold, band } = calibrate(scores, rate, groups);
    const truth = rateAbove(threshold);
    counts.meanRate += truth / draws;
    if (truth < band.low) counts.below += 1 / draws;
    else if (truth > band.high) counts.above += 1 / draws;
    else counts.covered += 1 / draws;
  }
  return counts;
}

const cases = [
  { name: 'images of parts of their own', parts: 120, images: 1, correlation: 0, rate: 0.05 },
  { name: 'few of them', parts: 30, images: 1, correlation: 0, rate: 0.01 },
  { name: 'parts whose images are independent', parts: 18, images: 6, correlation: 0, rate: 0.01 },
  { name: 'parts whose images are alike', parts: 18, images: 6, correlation: 0.9, rate: 0.01 },
  { name: 'parts whose images are half alike', parts: 40, images: 5, correlation: 0.5, rate: 0.05 },
  { name: 'many parts whose images are alike', parts: 117, images: 6, correlation: 0.9, rate: 0.02 },
  { name: 'parts whose images are all but the same', parts: 25, images: 8, correlation: 0.99, rate: 0.1 },
] as const;

describe.each(cases)('the 95 % band of $name', ({ parts, images, correlation, rate }) => {
  const draw = (random: NumpyRandom) => drawParts(random, parts, images, correlation);

  it('covers the true rate in 20 draws as often as it says', () => {
    // With 0.95 a draw, fewer than 17 of 20 have a probability of 1.6 %.
    expect(Math.round(20 * coverage(20, rate, 1, draw).covered)).toBeGreaterThanOrEqual(17);
  });

  it('covers it in 400 draws: on each side it misses as seldom as it says', () => {
    const { covered, below, above } = coverage(400, rate, 2, draw);
    const noise = 3 * Math.sqrt((0.025 * 0.975) / 400);
    expect(below).toBeLessThan(0.025 + noise);
    expect(above).toBeLessThan(0.025 + noise);
    if (images === 1) expect(covered).toBeLessThan(0.95 + 3 * Math.sqrt((0.05 * 0.95) / 400));
  });
});

describe('the rule without a look at the parts', () => {
  it('misses the true rate of parts whose images are alike far more often', () => {
    const alone = coverage(400, 0.01, 3, (random) => {
      const drawn = drawParts(random, 18, 6, 0.9);
      return { ...drawn, groups: drawn.groups.map((_, i) => i) };
    });
    expect(alone.covered).toBeLessThan(0.8);
    expect(alone.meanRate).toBeGreaterThan(0.015);
  });
});

describe('the promise of the threshold', () => {
  it.each([
    { parts: 99, images: 1, correlation: 0, rate: 0.01 },
    { parts: 24, images: 6, correlation: 0.9, rate: 0.05 },
    { parts: 24, images: 6, correlation: 0, rate: 0.05 },
    { parts: 40, images: 3, correlation: 0.7, rate: 0.1 },
  ])('on average at most $rate is rejected: $parts × $images, alike $correlation', (made) => {
    const draws = 500;
    const random = new NumpyRandom(5);
    const rates = Float64Array.from({ length: draws }, () => {
      const { scores, groups, rateAbove } = drawParts(random, made.parts, made.images, made.correlation);
      const calibration = calibrate(scores, made.rate, groups);
      expect(calibration.enough).toBe(true);
      return rateAbove(calibration.threshold);
    });
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / draws;
    const deviation = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / draws);
    expect(mean).toBeLessThan(made.rate + (3 * deviation) / Math.sqrt(draws));
  });
});

describe('the band of the threshold', () => {
  it.each([
    { parts: 150, images: 1, correlation: 0, rate: 0.1 },
    { parts: 60, images: 5, correlation: 0.8, rate: 0.1 },
  ])('covers the true quantile: $parts × $images, alike $correlation', (made) => {
    const random = new NumpyRandom(6);
    const draws = 400;
    let missed = 0;
    for (let i = 0; i < draws; i++) {
      const { scores, groups } = drawParts(random, made.parts, made.images, made.correlation);
      const { low, high } = thresholdBand(sortGoodScores(scores, groups), made.rate);
      if (upperTail(low) < made.rate || upperTail(high) > made.rate) missed++;
    }
    expect(missed / draws).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / draws));
  });

  it('is open where the scores do not reach that far', () => {
    const { low, high } = thresholdBand(countingUp(20), 0.01);
    expect(high).toBe(Infinity);
    expect(low).toBeGreaterThan(0);
    expect(thresholdBand(countingUp(3), 0.9).low).toBe(-Infinity);
  });
});
