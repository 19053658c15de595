import { describe, expect, it } from 'vitest';
import { imageIntervals, type IntervalResult, type ScoredImage } from '#csflow/evaluation/index.js';
import { strataOf } from '#csflow/evaluation/strata.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

type Kind = Pick<ScoredImage, 'label' | 'defectClass'>;
const goodKind: Kind = { label: 'good', defectClass: 'good' };
const kind = (defectClass: string): Kind => ({ label: 'defective', defectClass });

/** Parts with images that score around the part's own mean. */
function drawParts(
  random: NumpyRandom,
  what: Kind,
  { parts, each, mean, between }: { parts: number; each: number; mean: number; between: number },
): ScoredImage[] {
  return Array.from({ length: parts }, (_, part) => {
    const own = mean + between * random.normal();
    const within = Math.sqrt(1 - between ** 2);
    return Array.from({ length: each }, () => ({
      ...what,
      score: own + within * random.normal(),
      group: `${what.defectClass} ${part}`,
    }));
  }).flat();
}

function intervalOf(result: IntervalResult): readonly [number, number] {
  if (!('interval' in result)) throw new Error(`expected an interval, got none: ${result.reason}`);
  return result.interval;
}

const one = (score: number, what: Kind, group?: string): ScoredImage => ({ score, ...what, group });

describe('imageIntervals', () => {
  const random = new NumpyRandom(3);
  const images = [
    ...drawParts(random, goodKind, { parts: 30, each: 2, mean: 0, between: 0.5 }),
    ...drawParts(random, kind('crack'), { parts: 12, each: 1, mean: 2, between: 0.5 }),
    ...drawParts(random, kind('dent'), { parts: 9, each: 3, mean: 1, between: 0.5 }),
  ];

  it('is the same for the same seed, another for another', () => {
    const intervals = imageIntervals(images, 1.5);
    expect(imageIntervals(images, 1.5)).toEqual(intervals);
    expect(imageIntervals(images, 1.5, { seed: 0, resamples: 2000 })).toEqual(intervals);
    expect(imageIntervals(images, 1.5, { seed: 1 })).not.toEqual(intervals);
    expect(imageIntervals(images, 1.5, { resamples: 500 })).not.toEqual(intervals);
  });

  it('lies within the figures’ bounds, low before high', () => {
    for (const [name, result] of Object.entries(imageIntervals(images, 1.5))) {
      const [low, high] = intervalOf(result);
      expect(low, name).toBeGreaterThanOrEqual(0);
      expect(low, name).toBeLessThan(high);
      expect(high, name).toBeLessThanOrEqual(1);
    }
  });

  it('copying each image five times makes nothing surer, where the copies are of one part', () => {
    const copied = images.flatMap((image) => Array.from({ length: 5 }, () => image));
    const [low, high] = intervalOf(imageIntervals(images, 1.5).image_auroc);
    const [copiedLow, copiedHigh] = intervalOf(imageIntervals(copied, 1.5).image_auroc);
    expect(copiedLow).toBeCloseTo(low, 12);
    expect(copiedHigh).toBeCloseTo(high, 12);
    const apart = copied.map((image) => ({ ...image, group: undefined }));
    const [apartLow, apartHigh] = intervalOf(imageIntervals(apart, 1.5).image_auroc);
    expect(apartHigh - apartLow).toBeLessThan(0.7 * (high - low));
  });

  it('shares of single images have the interval of Clopper and Pearson', () => {
    const single = [
      ...Array.from({ length: 30 }, (_, i) => one(i, goodKind)),
      ...Array.from({ length: 10 }, (_, i) => one(30.5 + i, kind('crack'))),
    ];
    const intervals = imageIntervals(single, 30.7);
    const [low, high] = intervalOf(intervals.false_reject_rate);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(1 - 0.025 ** (1 / 30), 9);
    expect(intervalOf(intervals.recall)[0]).toBeCloseTo(0.554983883, 8); // 9 of 10
  });

  describe('where nothing overlaps', () => {
    const apart = (good: number, defective: number) =>
      imageIntervals(
        [
          ...Array.from({ length: good }, (_, i) => one(i / good, goodKind)),
          ...Array.from({ length: defective }, (_, i) => one(100 + i, kind('crack'))),
        ],
        50,
      );

    it('the AUROC has an interval still, and AP and F1-max say why they have none, however many images', () => {
      const [low, high] = intervalOf(apart(20, 10).image_auroc);
      expect(low).toBeGreaterThan(0.8);
      expect(low).toBeLessThan(0.95);
      expect(high).toBe(1);
      for (const { image_ap, f1_max } of [apart(20, 10), apart(500, 300)]) {
        for (const result of [image_ap, f1_max]) {
          expect(result).toEqual({
            reason: 'good and defective images do not overlap: drawing anew cannot tell how it varies',
          });
        }
      }
    });

    it('FPR at 95 % TPR is bounded as soon as the defective parts can tell where 95 % of them lie', () => {
      expect(apart(100, 58).fpr_at_tpr95).toEqual({
        reason: expect.stringContaining('it takes 59') as string,
      });
      const few = intervalOf(apart(100, 59).fpr_at_tpr95);
      const [low, high] = intervalOf(apart(100, 300).fpr_at_tpr95);
      // 0.95^300 is next to nothing: the share at which none of 100 good ones is above with probability 5 %.
      expect([low, high]).toEqual([0, expect.closeTo(1 - (0.05 - 0.95 ** 300) ** (1 / 100), 9)]);
      expect(few[1]).toBeCloseTo(1 - (0.05 - 0.95 ** 59) ** (1 / 100), 9);
      expect(few[1]).toBeGreaterThan(high);
    });

    it('a figure that all drawn sets agree on for another reason does not claim that', () => {
      const alike = imageIntervals(
        [...Array.from({ length: 9 }, () => one(1, goodKind)), one(1, kind('crack')), one(1, kind('crack'))],
        50,
      );
      expect(alike.image_ap).toEqual({
        reason: 'all drawn test sets agree: drawing anew cannot tell how it varies',
      });
    });
  });

  it('says why there is none: one kind of images, or one part of a kind', () => {
    const good = [one(1, goodKind), one(2, goodKind), one(3, goodKind)];
    const defects = [one(2, kind('crack')), one(4, kind('dent'))];
    const onlyGood = imageIntervals(good, 2.5);
    expect(onlyGood.image_auroc).toEqual({ reason: 'there are no defective images' });
    expect(onlyGood.recall).toEqual({ reason: 'there are no defective images' });
    expect(intervalOf(onlyGood.false_reject_rate)[1]).toBeLessThan(1);
    const onlyDefects = imageIntervals(defects, 2.5);
    expect(onlyDefects.f1_max).toEqual({ reason: 'there are no good images' });
    expect(onlyDefects.false_reject_rate).toEqual({ reason: 'there are no good images' });
    const onePart = good.map((image) => ({ ...image, group: 'part 1' }));
    const ofOnePart = imageIntervals([...onePart, ...defects], 2.5);
    for (const name of ['image_auroc', 'image_ap', 'f1_max', 'fpr_at_tpr95', 'false_reject_rate'] as const) {
      expect(ofOnePart[name], name).toEqual({ reason: 'all good images are of one part' });
    }
    expect(intervalOf(ofOnePart.recall)[0]).toBeGreaterThan(0);
    expect(Object.values(imageIntervals([], 0)).every((result) => 'reason' in result)).toBe(true);
  });
});

describe('strataOf', () => {
  const sizes = (images: readonly ScoredImage[]) => strataOf(images).defective.map((groups) => groups.length);
  const of = (name: string, parts: number) =>
    Array.from({ length: parts }, (_, part) => one(part, kind(name), `${name} ${part}`));

  it('takes images of a part together, good ones apart from each class of defects', () => {
    const strata = strataOf([
      one(1, goodKind, 'a'),
      one(2, goodKind, 'a'),
      one(3, kind('crack'), 'a'),
      one(4, kind('crack'), 'a'),
      one(5, kind('crack'), 'b'),
      one(6, goodKind),
      one(7, goodKind),
    ]);
    expect(strata.good.map((group) => group.map(({ score }) => score))).toEqual([[1, 2], [6], [7]]);
    expect(strata.defective[0].map((group) => group.map(({ score }) => score))).toEqual([[3, 4], [5]]);
  });

  it('classes of a single part share a stratum', () => {
    expect(sizes([...of('a', 3), ...of('b', 4)])).toEqual([3, 4]);
    expect(sizes([...of('a', 1), ...of('b', 4), ...of('c', 1)])).toEqual([2, 4]);
    expect(sizes([...of('a', 5), ...of('b', 4), ...of('c', 1)])).toEqual([5, 5]);
    expect(sizes(of('a', 1))).toEqual([1]);
  });
});
