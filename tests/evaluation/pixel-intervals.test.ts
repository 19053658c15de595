import { describe, expect, it } from 'vitest';
import { collectDefects } from '#csflow/evaluation/defective-pixels.js';
import { goodKeysOf } from '#csflow/evaluation/good-pixels.js';
import { pixelMetrics, type ScoredMap } from '#csflow/evaluation/index.js';
import { measurePixels } from '#csflow/evaluation/measure-pixels.node.js';
import { countPixels, pixelFigureNames, type PixelFigure } from '#csflow/evaluation/pixel-figures.js';
import { pixelIntervals } from '#csflow/evaluation/pixel-intervals.js';
import { pixelTallying, type PixelTally } from '#csflow/evaluation/pixel-tallies.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { bruteForcePixels } from './brute-force-pixels.js';

function talliesOf(pictures: readonly ScoredMap[]): readonly PixelTally[] {
  const [defects, tally] = [collectDefects(), pixelTallying()];
  return pictures.map((picture) => tally(picture, goodKeysOf(picture), defects.add(picture)));
}

/** Small whole numbers: each has a cell of the grid to itself. */
function drawnPictures(random: NumpyRandom, good: number, defective: number): ScoredMap[] {
  const side = 6;
  return Array.from({ length: good + defective }, (_, k) => {
    const isGood = k < good;
    const mask = Uint8Array.from({ length: side * side }, (_, i) => Number(!isGood && i % 7 < 1 + (k % 2)));
    const own = random.integerUpTo(6);
    const map = Float32Array.from(mask, (value) => own + 8 * value + random.integerUpTo(25));
    const size = { height: side, width: side };
    return isGood ? { map, ...size } : { map, mask, ...size, defectClass: k % 2 === 0 ? 'crack' : 'dent' };
  });
}

function figuresOf(pictures: readonly ScoredMap[], threshold: number): Record<PixelFigure, number> {
  const metrics = bruteForcePixels(pictures, threshold);
  return {
    pixel_auroc: metrics.auroc!,
    pixel_ap: metrics.averagePrecision!,
    pixel_f1_max: metrics.f1Max!.f1,
    pixel_fpr_at_tpr95: metrics.fprAtTpr95!,
    aupro_30: metrics.aupro30!,
    aupro_05: metrics.aupro05!,
    region_recall: metrics.regionRecall!,
    region_recall_at_f1_max: metrics.regionRecallAtF1Max!,
  };
}

describe('countPixels', () => {
  const threshold = 30;
  const pictures = drawnPictures(new NumpyRandom(5), 4, 5);
  const counter = countPixels(talliesOf(pictures), threshold);
  const groups = [...counter.strata.good, ...counter.strata.defective.flat()];
  /** Defective pictures by class in the strata's order. */
  const ordered = [
    ...pictures.slice(0, 4),
    ...pictures.filter(({ defectClass }) => defectClass === 'crack'),
    ...pictures.filter(({ defectClass }) => defectClass === 'dent'),
  ];

  it.each([
    ['each once', [1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['some often', [3, 0, 1, 0, 2, 0, 0, 1, 4]],
    ['others', [0, 0, 0, 4, 0, 5, 0, 0, 0]],
  ])('makes every figure of a drawn set as from its definition: %s', (_, times) => {
    counter.clear();
    groups.forEach((group, i) => counter.add(group, times[i]));
    const set = ordered.flatMap((picture, i) => Array.from({ length: times[i] }, () => picture));
    const expected = figuresOf(set, threshold);
    const figures = counter.figures();
    for (const name of pixelFigureNames) expect(figures[name], name).toBeCloseTo(expected[name], 12);
  });

  it('takes a group out again', () => {
    counter.clear();
    for (const group of groups) counter.add(group);
    const before = counter.figures();
    counter.add(groups[6]);
    expect(counter.figures().aupro_30).not.toBeCloseTo(before.aupro_30, 6);
    counter.add(groups[6], -1);
    for (const name of pixelFigureNames) expect(counter.figures()[name], name).toBeCloseTo(before[name], 12);
  });

  it('is close to the exact figures where scores share cells, however many levels there are', () => {
    const random = new NumpyRandom(6);
    const continuous = drawnPictures(random, 10, 10).map((picture) => ({
      ...picture,
      map: picture.map.map((value) => 10 ** (value / 8 + random.normal())),
    }));
    const own = countPixels(talliesOf(continuous), threshold);
    for (const group of [...own.strata.good, ...own.strata.defective.flat()]) own.add(group);
    const exact = pixelMetrics(continuous, threshold);
    const { pixel_auroc, aupro_30, region_recall } = own.figures();
    expect(Math.abs(pixel_auroc - exact.auroc!)).toBeLessThan(1e-3);
    expect(Math.abs(aupro_30 - exact.aupro30!)).toBeLessThan(5e-3);
    expect(region_recall).toBe(exact.regionRecall);
  });
});

describe('pixelIntervals', () => {
  const pictures = drawnPictures(new NumpyRandom(7), 12, 14);
  const intervals = pixelIntervals(talliesOf(pictures), 38);

  it('hold what is seen, low before high, and are the same for the same seed', () => {
    const seen = figuresOf(pictures, 38);
    for (const name of pixelFigureNames) {
      const result = intervals.all[name];
      if (!('interval' in result)) throw new Error(`${name}: ${result.reason}`);
      const [low, high] = result.interval;
      expect(low, name).toBeGreaterThanOrEqual(0);
      expect(low, name).toBeLessThan(high);
      expect(high, name).toBeLessThanOrEqual(1);
      expect(low <= seen[name] && seen[name] <= high, name).toBe(true);
    }
    expect(pixelIntervals(talliesOf(pictures), 38)).toEqual(intervals);
    expect(pixelIntervals(talliesOf(pictures), 38, { seed: 1 })).not.toEqual(intervals);
  });

  it('of a class are of the good pictures and its own', () => {
    const own = pictures.filter(({ defectClass }) => defectClass !== 'dent');
    expect([...intervals.classes.keys()].sort()).toEqual(['crack', 'dent']);
    expect(intervals.classes.get('crack')).toEqual(pixelIntervals(talliesOf(own), 38).all);
  });

  it('say why there are none', () => {
    const reasonsOf = (of: readonly ScoredMap[], threshold?: number) => {
      const { all } = pixelIntervals(talliesOf(of), threshold);
      return [all.aupro_30, all.region_recall].map((result) => 'reason' in result && result.reason);
    };
    const [good, defective] = [pictures.slice(0, 12), pictures.slice(12)];
    expect(reasonsOf(good, 38)[0]).toBe('no mask shows a defect');
    expect(reasonsOf(pictures)).toEqual([false, 'the model has no threshold for pixels']);
    const onePart = (of: readonly ScoredMap[]) => of.map((picture) => ({ ...picture, group: 'a' }));
    expect(reasonsOf([...good, ...onePart(defective.filter((_, i) => i % 2 === 0))], 38)[0]).toBe(
      'all masks that show a defect are of one part',
    );
    expect(reasonsOf([...onePart(good), ...defective], 38)).toEqual([
      'all good images are of one part',
      false,
    ]);
    const apart = pictures.map((picture) => ({
      ...picture,
      map: Float32Array.from(picture.map, (_, i) => (picture.mask?.[i] ? 9 : 1)),
    }));
    expect(reasonsOf(apart, 5)).toEqual([
      'good and defective pixels do not overlap: drawing anew cannot tell how it varies',
      false,
    ]);
  });

  it('come with the metrics where they are asked for', async () => {
    const pixels = measurePixels();
    const fresh = drawnPictures(new NumpyRandom(7), 12, 14);
    for (const picture of [...fresh.slice(12), ...fresh.slice(0, 12)]) await pixels.add(picture);
    const metrics = await pixels.finish(38, { seed: 0 });
    await pixels.close();
    const turned = [...pictures.slice(12), ...pictures.slice(0, 12)];
    expect(metrics.intervals).toEqual(pixelIntervals(talliesOf(turned), 38));
  });

  it('hold the truth about as often as they say, though pixels of a picture are alike', () => {
    const side = 4;
    const random = new NumpyRandom(8);
    const draw = (good: number, defective: number): ScoredMap[] =>
      Array.from({ length: good + defective }, (_, k) => {
        const own = random.normal();
        const mask = Uint8Array.from({ length: side * side }, (_, i) => Number(k >= good && i < 6));
        const map = Float32Array.from(mask, (value) => Math.exp(own + 1.5 * value + 0.5 * random.normal()));
        return { map, mask, height: side, width: side, ...(k >= good && { defectClass: 'crack' }) };
      });
    const truth = pixelMetrics(draw(20_000, 15_000));
    const trials = 100;
    const held = { pixel_auroc: 0, aupro_30: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const { all } = pixelIntervals(talliesOf(draw(40, 30)), undefined, { resamples: 200, seed: trial });
      for (const [name, value] of [
        ['pixel_auroc', truth.auroc!],
        ['aupro_30', truth.aupro30!],
      ] as const) {
        const result = all[name];
        if (!('interval' in result)) throw new Error(`${name}: ${result.reason}`);
        held[name] += Number(result.interval[0] <= value && value <= result.interval[1]);
      }
    }
    for (const count of Object.values(held)) {
      expect(count).toBeGreaterThan(86);
      expect(count).toBeLessThanOrEqual(100);
    }
  });
});
