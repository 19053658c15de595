import { describe, expect, it } from 'vitest';
import { pixelFigureNames } from '#csflow/evaluation/pixel-figures.js';
import { evaluateScores, pixelMetricsByClass, type ScoredImage } from '#csflow/evaluation/index.js';

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

/** The good picture's highest pixel stands above the fray, below the crack. */
const pictures = [
  { map: Float32Array.of(0, 1, 3, 2), height: 1, width: 4 },
  {
    map: Float32Array.of(9, 8, 0, 5),
    mask: Uint8Array.of(1, 1, 0, 1),
    height: 1,
    width: 4,
    defectClass: 'crack',
  },
  { map: Float32Array.of(1, 2.5), mask: Uint8Array.of(0, 1), height: 1, width: 2, defectClass: 'fray' },
];

/** Why pixel figures that were measured without intervals have none. */
const notDrawn = Object.fromEntries(
  pixelFigureNames.map((name) => [`intervals.${name}`, 'no intervals of pixel figures were asked for']),
);

describe('evaluateScores', () => {
  const summary = evaluateScores(items, 5, {
    pixels: pixelMetricsByClass(pictures, 6),
    pixelThreshold: 6,
  });

  it('gives the figures of `csflow evaluate`', () => {
    expect(summary).toMatchObject({
      images: 8,
      good: 4,
      defective: 4,
      image_auroc: 12 / 16,
      image_ap: (1 * 1 + 2 * (3 / 4) + 1 * (4 / 6)) / 4,
      f1_max: 8 / 10,
      f1_max_threshold: 2.5,
      fpr_at_tpr95: 0.5,
      threshold: 5,
      false_reject_rate: 0.25,
      missed: 3,
      recall: 0.25,
      pixel_auroc: 23 / 24,
      pixel_f1_max: 8 / 9,
      pixel_f1_max_threshold: 2.5,
      pixel_fpr_at_tpr95: 1 / 6,
      regions: 3,
      pixel_threshold: 6,
      region_recall: 1 / 3,
      region_recall_at_f1_max: 1,
    });
    expect(summary.pixel_ap).toBeCloseTo((1 + 1 + 1 + 4 / 5) / 4, 12);
    // Three regions: the curve stands at 2/3 until the good pixel at 3 is passed, then rises to 1.
    expect(summary.aupro_30).toBeCloseTo((2 / 3 / 6 + (0.3 - 1 / 6)) / 0.3, 12);
    expect(summary.aupro_05).toBeCloseTo(2 / 3, 12);
    expect(summary.interval_method).toEqual({
      level: 0.95,
      resamples: 2000,
      seed: 0,
      good_parts: 4,
      defective_parts: 4,
    });
    expect(Object.keys(summary.intervals)).toEqual([
      'image_auroc',
      'image_ap',
      'f1_max',
      'fpr_at_tpr95',
      'false_reject_rate',
      'recall',
      ...pixelFigureNames,
    ]);
    expect(summary.undefined_because).toEqual(notDrawn);
  });

  it('gives all of it for each class too, the good pictures and the class’s own, classes by name', () => {
    expect(Object.keys(summary.per_class)).toEqual(['crack', 'fray']);
    const { crack, fray } = summary.per_class;
    expect(crack).toMatchObject({
      n: 3,
      image_auroc: 10 / 12,
      image_ap: (1 + 2 * (3 / 4)) / 3,
      f1_max: 6 / 7,
      f1_max_threshold: 5,
      fpr_at_tpr95: 0.25,
      missed: 2,
      recall: 1 / 3,
      pixel_auroc: 1,
      pixel_ap: 1,
      pixel_f1_max: 1,
      pixel_f1_max_threshold: 5,
      aupro_30: 1,
      regions: 2,
      region_recall: 0.5,
      region_recall_at_f1_max: 1,
      undefined_because: notDrawn,
    });
    expect(Object.keys(crack.intervals)).not.toContain('false_reject_rate');
    expect(fray).toMatchObject({
      n: 1,
      image_auroc: 0.5,
      missed: 1,
      pixel_auroc: 4 / 5,
      regions: 1,
      region_recall: 0,
    });
    // A single picture shows nothing of how a class varies.
    expect(fray.intervals.image_auroc).toBeNull();
    expect(fray.undefined_because['intervals.image_auroc']).toBe('all defective images are of one part');
  });

  it('a score equal to the threshold passes: a good part is not rejected, a defective one is missed', () => {
    expect(evaluateScores([good(6), defect('crack', 6)], 6)).toMatchObject({
      false_reject_rate: 0,
      missed: 1,
    });
  });

  it('says null where a figure cannot be known, and why', () => {
    const onlyGood = evaluateScores([good(1), good(9)], 2);
    expect(onlyGood).toMatchObject({
      image_auroc: null,
      image_ap: null,
      f1_max: null,
      f1_max_threshold: null,
      fpr_at_tpr95: null,
      recall: null,
      per_class: {},
      pixel_auroc: null,
      aupro_30: null,
      regions: null,
      region_recall: null,
      false_reject_rate: 0.5,
      missed: 0,
    });
    const reasons = onlyGood.undefined_because;
    expect(reasons.image_auroc).toBe('there are no defective images');
    expect(reasons.recall).toBe('there are no defective images');
    expect(reasons['intervals.f1_max']).toBe('there are no defective images');
    expect(reasons.pixel_auroc).toBe('no mask shows a defect');
    const onlyDefective = evaluateScores([defect('crack', 1)], 2);
    expect(onlyDefective).toMatchObject({
      image_auroc: null,
      per_class: { crack: { image_auroc: null, n: 1 } },
      pixel_auroc: null,
      aupro_30: null,
      false_reject_rate: null,
      missed: 1,
    });
    expect(onlyDefective.undefined_because).toMatchObject({
      image_auroc: 'there are no good images',
      false_reject_rate: 'there are no good images',
    });
    expect(evaluateScores([], 0)).toMatchObject({ images: 0, false_reject_rate: null });
    const masked = { pixels: pixelMetricsByClass(pictures) };
    expect(evaluateScores(items, 5, masked).undefined_because).toEqual({
      ...notDrawn,
      region_recall: 'the model has no threshold for pixels',
    });
  });

  it.each([
    ['nothing', []],
    ['good ones', [good(1), good(2)]],
    ['defective ones', [defect('crack', 1), defect('dent', 1)]],
    ['one of each', [good(1), defect('crack', 1)]],
    ['equal scores', [good(1), good(1), defect('crack', 1), defect('crack', 1)]],
    ['infinite scores', [good(-Infinity), good(1), defect('crack', Infinity), defect('crack', 1)]],
  ])('never holds NaN, and explains every null: %s', (_, images) => {
    const check = (figures: object, reasons: Readonly<Record<string, string>>): void => {
      for (const [name, value] of Object.entries(figures)) {
        if (typeof value === 'number') expect(Number.isNaN(value), name).toBe(false);
        if (value === null && name !== 'pixel_threshold') expect(reasons[name], name).toBeTypeOf('string');
      }
    };
    const result = evaluateScores(images, 1);
    for (const figures of [result, ...Object.values(result.per_class)]) {
      check(figures, figures.undefined_because);
      const prefixed = Object.entries(figures.intervals).map(([name, value]) => [`intervals.${name}`, value]);
      check(Object.fromEntries(prefixed) as object, figures.undefined_because);
      expect(JSON.stringify(figures.intervals)).not.toContain('[null');
    }
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
