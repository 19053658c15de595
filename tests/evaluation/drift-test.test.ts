import { describe, expect, it } from 'vitest';
import { betFromAnyTime } from '#csflow/evaluation/betting.js';
import { calibrate } from '#csflow/evaluation/calibration.js';
import { driftTest, type DriftKind } from '#csflow/evaluation/drift-test.js';
import { onlineRanks } from '#csflow/evaluation/online-ranks.js';
import { UserError } from '#csflow/errors.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

type Draw = (random: NumpyRandom) => number;
const normal: Draw = (random) => random.normal();
const shifted =
  (by: number): Draw =>
  (random) =>
    by + random.normal();
/** With a long tail, and ties: as scores shown with few digits. */
const coarse: Draw = (random) => Math.round(4 * Math.exp(0.5 * random.normal())) / 4;

interface Watch {
  readonly calibration?: number;
  readonly images: number;
  readonly before?: Draw;
  /** From this image on `after` is drawn. */
  readonly changeAt?: number;
  readonly after?: Draw;
  readonly falseAlarm?: number;
  readonly missedShare?: number;
}

/** One watch of drawn scores: at which image it raised the alarm, and which. */
function watched(
  seed: number,
  options: Watch,
): { readonly image: number; readonly kind: DriftKind } | undefined {
  const {
    calibration = 100,
    images,
    before = normal,
    changeAt = Infinity,
    after = before,
    ...test
  } = options;
  const random = new NumpyRandom(seed);
  const scores = Float64Array.from({ length: calibration }, () => before(random));
  const drift = driftTest(scores, calibrate(scores, 0.01).threshold, test);
  for (let i = 1; i <= images; i++) {
    const { alarm } = drift.add(i < changeAt ? before(random) : after(random));
    if (alarm !== undefined) return alarm;
  }
  return undefined;
}

function alarms(seeds: number, options: Watch): number {
  let raised = 0;
  for (let seed = 0; seed < seeds; seed++) if (watched(seed, options) !== undefined) raised++;
  return raised;
}

function medianDelay(seeds: number, kind: DriftKind, options: Watch): number {
  const delays = Array.from({ length: seeds }, (_, seed) => {
    const alarm = watched(seed, options);
    expect(alarm?.kind).toBe(kind);
    return alarm!.image - (options.changeAt ?? 1) + 1;
  });
  return delays.sort((a, b) => a - b)[Math.floor(seeds / 2)];
}

/** Four standard errors above a rate. */
const atMost = (rate: number, trials: number): number =>
  trials * rate + 4 * Math.sqrt(trials * rate * (1 - rate));

describe('a watch in which nothing changes', () => {
  it.each([
    ['5 calibration images', { calibration: 5 }],
    ['100', { calibration: 100 }],
    ['1000', { calibration: 1000 }],
    ['100, scores with ties and a long tail', { calibration: 100, before: coarse }],
    ['100, no allowance for missed defects', { calibration: 100, missedShare: 0 }],
  ])('warns in at most the stated share of watches: %s', (_, options) => {
    const seeds = 500;
    const falseAlarm = 0.05;
    expect(alarms(seeds, { images: 1500, falseAlarm, ...options })).toBeLessThanOrEqual(
      atMost(falseAlarm, seeds),
    );
  });

  it('is not alarmed by defective parts that are found, even by every third part', () => {
    const third: Draw = (random) => (random.uniform() < 1 / 3 ? 50 + random.normal() : random.normal());
    const seeds = 300;
    const options = { images: 1500, changeAt: 1, after: third, falseAlarm: 0.05 };
    expect(alarms(seeds, options)).toBeLessThanOrEqual(atMost(0.05, seeds));
  });

  it('is not alarmed by missed defects just below the threshold, up to the share allowed for', () => {
    const missed: Draw = (random) => (random.uniform() < 0.02 ? 1.6 : random.normal());
    const seeds = 300;
    const options = { images: 3000, changeAt: 1, after: missed, falseAlarm: 0.05 };
    expect(alarms(seeds, options)).toBeLessThanOrEqual(atMost(0.05, seeds));
  });

  it('is alarmed by many more missed defects than that: they look like a change', () => {
    const missed: Draw = (random) => (random.uniform() < 0.4 ? 1.6 : random.normal());
    const options = { calibration: 1000, images: 1500, changeAt: 1, after: missed };
    expect(alarms(20, options)).toBe(20);
  });
});

describe('a change', () => {
  // Reported with `CSFLOW_SHOW=1 npm test -- tests/evaluation/drift-test.test.ts`.
  it.each([
    ['scores rise by one deviation, at once', 'higher', 1, 1, 100],
    ['scores fall by one deviation, at once', 'lower', -1, 1, 100],
    ['scores rise by one deviation after 1000 images', 'higher', 1, 1001, 200],
    ['scores fall by one deviation after 1000 images', 'lower', -1, 1001, 200],
    ['scores rise by two deviations after 1000 images', 'higher', 2, 1001, 70],
    ['scores rise by ten deviations after 1000 images', 'rejections', 10, 1001, 60],
  ] as const)('%s: alarm, half of the times within the images stated', (name, kind, by, changeAt, within) => {
    const delay = medianDelay(41, kind, {
      calibration: 200,
      images: changeAt + 1000,
      changeAt,
      after: shifted(by),
    });
    if (process.env.CSFLOW_SHOW) process.stderr.write(`${name}: median delay ${delay} images\n`);
    expect(delay).toBeLessThanOrEqual(within);
  });
});

describe('driftTest', () => {
  it('stays at its alarm, and says at which image it came', () => {
    const drift = driftTest([1, 2, 3, 4, 5], 5);
    expect(drift.reference).toBe(4);
    let reading = drift.add(2.5);
    while (reading.alarm === undefined) reading = drift.add(100);
    expect(reading.alarm.kind).toBe('rejections');
    expect(reading.evidence).toBeGreaterThanOrEqual(1000);
    expect(drift.add(2)).toEqual(reading);
  });

  it('gives the same readings for the same scores', () => {
    const random = new NumpyRandom(4);
    const scores = Array.from({ length: 60 }, () => coarse(random));
    const readings = () => {
      const drift = driftTest(scores.slice(0, 20), 3);
      return scores.slice(20).map((score) => drift.add(score));
    };
    expect(readings()).toEqual(readings());
  });

  it('starts without calibration images too: then it tells later images from earlier ones', () => {
    const drift = driftTest([7], 7);
    expect(drift.reference).toBe(0);
    expect(drift.add(3).evidence).toBeGreaterThan(0);
  });

  it('refuses shares out of bounds, and NaN', () => {
    for (const falseAlarm of [0, 1, -1, NaN])
      expect(() => driftTest([1], 2, { falseAlarm })).toThrow(UserError);
    for (const missedShare of [1, -0.1, NaN])
      expect(() => driftTest([1], 2, { missedShare })).toThrow(UserError);
    expect(() => driftTest([1, 2], 3).add(NaN)).toThrow(RangeError);
  });
});

describe('onlineRanks', () => {
  it('counts what is below and a part of what is equal, and keeps the newcomer', () => {
    const ranks = onlineRanks([5, 1, 3, 3]);
    expect(ranks.add(3, 0.5)).toBe((1 + 0.5 * 3) / 5);
    expect(ranks.add(3, 0)).toBe(1 / 6);
    expect(ranks.add(0, 0.25)).toBe(0.25 / 7);
    expect(ranks.add(9, 0.5)).toBe(7.5 / 8);
  });

  it('gives uniform, uncorrelated p for exchangeable values, ties included', () => {
    for (const draw of [normal, coarse]) {
      let [sum, squares, products] = [0, 0, 0];
      const runs = 400;
      const length = 50;
      for (let seed = 0; seed < runs; seed++) {
        const random = new NumpyRandom(seed);
        const ranks = onlineRanks(Array.from({ length: 7 }, () => draw(random)));
        let previous = 0;
        for (let i = 0; i < length; i++) {
          const p = ranks.add(draw(random), random.uniform()) - 0.5;
          sum += p;
          squares += p * p;
          if (i > 0) products += p * previous;
          previous = p;
        }
      }
      const n = runs * length;
      // Uniform on (−½, ½): variance 1/12, that of the squares 1/180, that of the products 1/144.
      expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(12 * n));
      expect(Math.abs(squares / n - 1 / 12)).toBeLessThan(4 / Math.sqrt(180 * n));
      expect(Math.abs(products / n)).toBeLessThan(4 / Math.sqrt(144 * n));
    }
  });
});

describe('betFromAnyTime', () => {
  it('keeps capital 1 on fair bets that neither win nor lose', () => {
    const betting = betFromAnyTime(3);
    for (let i = 0; i < 50; i++) expect(betting.add([1, 1, 1])).toBeCloseTo(1, 12);
  });

  it('is worth what its stakes have become', () => {
    const betting = betFromAnyTime(2);
    const left = [1, 2, 3].map((t) => Math.LN2 / Math.log(1 + t));
    const [first, second] = [left[0] - left[1], left[1] - left[2]].map((stake) => stake / 2);
    expect(betting.add([2, 0.5])).toBeCloseTo(left[1] + first * 2.5, 12);
    expect(betting.add([3, 1])).toBeCloseTo(left[2] + (2 * first + second) * 3 + 0.5 * first + second, 12);
  });

  it('has a mean of at most 1 where each factor has', () => {
    // Exactly, over all paths of eight fair bets that double or lose.
    let total = 0;
    for (let path = 0; path < 256; path++) {
      const betting = betFromAnyTime(1);
      let capital = 1;
      for (let i = 0; i < 8; i++) capital = betting.add([(path >> i) & 1 ? 1.7 : 0.3]);
      total += capital;
    }
    expect(total / 256).toBeCloseTo(1, 12);
  });
});
