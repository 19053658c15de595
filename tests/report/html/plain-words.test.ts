import { describe, expect, it } from 'vitest';
import { classesInWords, plainWords, rejectionInWords } from '#csflow/report/html/plain-words.js';
import { ratesOf } from '#csflow/report/html/rates.js';
import { calibratedOn, drawnEvaluation, metadata, type DrawnImage } from './drawn-report.js';

const many = (count: number, image: DrawnImage): readonly DrawnImage[] =>
  new Array<DrawnImage>(count).fill(image);
const ratesFor = (images: readonly DrawnImage[]) => ratesOf(drawnEvaluation(images));

describe('the share of good parts rejected, in words', () => {
  it('is measured on test pictures, with what it was set for', () => {
    const { goodRejected } = ratesFor([
      ...many(990, { score: 0.1, kind: 'good' }),
      ...many(10, { score: 0.9, kind: 'good' }),
    ]);
    expect(rejectionInWords(goodRejected, metadata)).toBe(
      'Of 1,000 good parts about 10 will be rejected, likely between 4.8 and 18: measured, 10 of 1,000 good test pictures were rejected. The threshold was set for 10 of 1,000 (from the 120 good pictures it was set with alone, between 4 and 25).',
    );
  });

  it('names the parts where pictures share them, and is wider then', () => {
    const images = (group?: (i: number) => string) =>
      Array.from({ length: 60 }, (_, i) => ({
        score: i < 6 ? 0.9 : 0.1,
        kind: 'good',
        group: group?.(i),
      }));
    const alone = ratesFor(images()).goodRejected!;
    const shared = ratesFor(images((i) => `part ${Math.floor(i / 6)}`)).goodRejected!;
    expect(rejectionInWords(shared, metadata)).toContain('6 of 60 good test pictures of 10 parts were');
    expect(shared.share).toBe(alone.share);
    expect(shared.interval![1]).toBeGreaterThan(alone.interval![1]);
  });

  it('says what was promised where nothing was measured', () => {
    expect(rejectionInWords(undefined, metadata)).toBe(
      'Of 1,000 good parts about 10 or fewer will be rejected: so the threshold was set; from the 120 good pictures it was set with alone, between 4 and 25. It was not measured, for want of good test pictures.',
    );
  });

  it.each([
    // Of three parts, each is the highest equally often.
    [2, '333'],
    [20, '48'],
  ])('promises no more than %i parts can', (parts, onAverage) => {
    const few = calibratedOn(parts);
    expect(few.threshold.enough).toBe(false);
    const alone = rejectionInWords(undefined, few);
    expect(alone).toContain('too few good pictures set the threshold to promise 10 of 1,000');
    expect(alone).toMatch(new RegExp(`on average no more than ${onAverage}\\. It was not measured`));
    expect(alone).not.toMatch(/about 10/);
    const { goodRejected } = ratesFor(many(50, { score: 0.1, kind: 'good' }));
    const measured = rejectionInWords(goodRejected, few);
    expect(measured).toContain('was to reject 10 of 1,000; too few good pictures set it to promise that');
  });

  it('keeps the promise where the parts are just enough', () => {
    expect(rejectionInWords(undefined, calibratedOn(99))).toContain('about 10 or fewer will be rejected: so');
  });

  it('promises nothing for a cross-calibrated model', () => {
    const method = { kind: 'cross', folds: 5 } as const;
    expect(rejectionInWords(undefined, calibratedOn(200, method))).toMatch(
      /about 10 will be rejected if the model scores them as the flows .* cannot be promised; from the 200 good pictures/,
    );
    const few = rejectionInWords(undefined, calibratedOn(20, method));
    expect(few).toContain('too few good pictures set the threshold');
    expect(few).not.toContain('on average');
  });

  it('does not call a threshold set for a rate that was set by hand', () => {
    const byHand = {
      ...metadata,
      threshold: { ...metadata.threshold, origin: { kind: 'value' as const }, falseRejectRate: 0.03 },
    };
    expect(rejectionInWords(undefined, byHand)).toMatch(/about 30 will be rejected at this threshold, which/);
    const { goodRejected } = ratesFor(many(50, { score: 0.1, kind: 'good' }));
    expect(rejectionInWords(goodRejected, byHand)).toContain(
      'At this threshold 30 of 1,000 were to be expected',
    );
  });
});

describe('kinds of defects in words', () => {
  it('counts what is found, grammar included', () => {
    const rates = ratesFor([
      ...many(57, { score: 0.9, kind: 'crack' }),
      ...many(3, { score: 0.1, kind: 'crack' }),
      ...many(2, { score: 0.9, kind: 'stain' }),
      ...many(2, { score: 0.1, kind: 'scratch' }),
      { score: 0.9, kind: 'dent' },
      { score: 0.5, kind: 'bent' },
    ]);
    expect(classesInWords(rates)).toEqual([
      'None of 1 “bent” is found.',
      '57 of 60 “crack” are found.',
      'The only “dent” is found.',
      'None of 2 “scratch” are found.',
      'All 2 “stain” are found.',
    ]);
  });
});

describe('plainWords', () => {
  it('leaves out what cannot be known and says that it is not', () => {
    const onlyGood = drawnEvaluation([{ score: 0.1, kind: 'good' }]);
    const lines = plainWords(onlyGood.summary, ratesOf(onlyGood), metadata);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('How many defects are found was not measured: there is no defective test picture.');
  });

  it('explains the AUROC as pairs', () => {
    const evaluation = drawnEvaluation([
      { score: 0.1, kind: 'good' },
      { score: 0.3, kind: 'good' },
      { score: 0.2, kind: 'crack' },
      { score: 0.9, kind: 'crack' },
    ]);
    const lines = plainWords(evaluation.summary, ratesOf(evaluation), metadata);
    expect(lines.join(' ')).toContain(
      'scores higher than a good one in 75 % of all pairs of the two (AUROC 0.750',
    );
  });
});
