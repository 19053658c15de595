import { describe, expect, it } from 'vitest';
import { evaluateScores, type ScoredImage } from '#csflow/evaluation/summary.js';

const good = (score: number): ScoredImage => ({ score, label: 'good', defectClass: 'good' });
const defect = (defectClass: string, score: number): ScoredImage => ({
  score,
  label: 'defective',
  defectClass,
});

const items = [
  good(1),
  good(2),
  good(3),
  good(6),
  defect('fray', 2.5),
  defect('crack', 5),
  defect('crack', 7),
  defect('crack', 5),
];

describe('evaluateScores', () => {
  it('gives the fields of `csflow evaluate`, classes by name', () => {
    const summary = evaluateScores(items, 5, { auroc: 0.75, aupro30: 0.5 });
    expect(JSON.parse(JSON.stringify(summary))).toEqual({
      images: 8,
      good: 4,
      defective: 4,
      image_auroc: 12 / 16,
      image_ap: (1 * 1 + 2 * (3 / 4) + 1 * (4 / 6)) / 4,
      f1_max: 8 / 10,
      per_class: { crack: { image_auroc: 10 / 12, n: 3 }, fray: { image_auroc: 0.5, n: 1 } },
      pixel_auroc: 0.75,
      aupro_30: 0.5,
      threshold: 5,
      false_reject_rate: 0.25,
      missed: 3,
    });
    expect(Object.keys(summary.per_class)).toEqual(['crack', 'fray']);
  });

  it('a score equal to the threshold passes: a good part is not rejected, a defective one is missed', () => {
    expect(evaluateScores([good(6), defect('crack', 6)], 6)).toMatchObject({
      false_reject_rate: 0,
      missed: 1,
    });
  });

  it('says null where a figure cannot be known', () => {
    const onlyGood = evaluateScores([good(1), good(9)], 2);
    expect(onlyGood).toMatchObject({
      image_auroc: null,
      image_ap: null,
      f1_max: null,
      per_class: {},
      pixel_auroc: null,
      aupro_30: null,
      false_reject_rate: 0.5,
      missed: 0,
    });
    const onlyDefective = evaluateScores([defect('crack', 1)], 2, { auroc: undefined, aupro30: undefined });
    expect(onlyDefective).toMatchObject({
      image_auroc: null,
      per_class: { crack: { image_auroc: null, n: 1 } },
      pixel_auroc: null,
      aupro_30: null,
      false_reject_rate: null,
      missed: 1,
    });
    expect(evaluateScores([], 0)).toMatchObject({ images: 0, false_reject_rate: null });
  });

  it('keeps a class whatever its name', () => {
    const { per_class } = evaluateScores([good(0), defect('__proto__', 1), defect('constructor', 1)], 0);
    expect(Object.keys(per_class)).toEqual(['__proto__', 'constructor']);
  });

  it('refuses NaN scores and thresholds that are no number', () => {
    expect(() => evaluateScores([good(1), good(NaN)], 0)).toThrow('scores[1]');
    expect(() => evaluateScores(items, NaN)).toThrow('threshold');
    expect(() => evaluateScores(items, Infinity)).toThrow(RangeError);
  });
});
