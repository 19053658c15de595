import { describe, expect, it } from 'vitest';
import { continuedWarnings } from '#csflow/cli/continued-warnings.js';
import { thresholdLines } from '#csflow/cli/threshold-text.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';

const digest = (i: number): string => String(i).padStart(64, '0');

interface Drawn {
  readonly parts: number;
  readonly calibrated?: readonly number[];
  readonly value?: number;
  readonly cross?: boolean;
  readonly known?: number;
  readonly origin?: ModelMetadata['threshold']['origin']['kind'];
}

/** What the texts read of a model. */
function model({
  parts,
  calibrated = [1],
  value = 1,
  cross,
  known,
  origin = 'calibration',
}: Drawn): ModelMetadata {
  return {
    data: {
      trainingImages: Array.from({ length: 300 }, (_, i) => digest(100 + i)),
      calibrationImages: calibrated.map(digest),
      calibrationGroups: parts,
    },
    calibration: {
      method: cross ? { kind: 'cross', folds: 5 } : { kind: 'split' },
      scores: Array.from({ length: parts }, () => 0.5),
    },
    threshold: {
      value,
      falseRejectRate: 0.01,
      band: { low: 0, high: 0.1, confidence: 0.95 },
      enough: false,
      neededImages: 99,
      origin: { kind: origin },
    },
    ...(known !== undefined && { from: { models: [digest(0)], knownImages: known, calibrationImages: [] } }),
  } as unknown as ModelMetadata;
}

describe('warnings of a training that goes on', () => {
  it('are none where it goes on with old photos and new, with as much to set the threshold', () => {
    expect(continuedWarnings(model({ parts: 25, known: 80 }), model({ parts: 20 }))).toEqual([]);
  });

  it('say where a threshold from more parts is replaced, with both numbers', () => {
    const now = model({ parts: 1, value: 0.61, known: 80 });
    expect(continuedWarnings(now, model({ parts: 40, value: 0.534, cross: true }))).toEqual([
      'the threshold 0.61 is known from 1 part, where that of the earlier model, 0.534, was from 40 parts ' +
        '(--calibrate cross); more new photos, or a training anew with --calibrate cross, make it firmer',
    ]);
  });

  it('say where only new photos were given, and whether the threshold rests on them alone', () => {
    const [alone, ...others] = continuedWarnings(
      model({ parts: 20, calibrated: [7], known: 0 }),
      model({ parts: 20, calibrated: [1] }),
    );
    expect(others).toEqual([]);
    expect(alone).toMatch(/may forget good parts .* known from new photos alone; give the whole folder/);
    const [shared] = continuedWarnings(
      model({ parts: 20, calibrated: [1, 7], known: 0 }),
      model({ parts: 20 }),
    );
    expect(shared).not.toContain('alone');
  });

  it.each([
    ['value', 'set by hand'],
    ['cost', 'that of the least cost'],
    ['f1', 'that of the largest F1'],
  ] as const)('say what replaces a threshold by %s, unless a rate was asked for', (origin, words) => {
    const [now, before] = [model({ parts: 20, known: 9 }), model({ parts: 20, value: 2, origin })];
    expect(continuedWarnings(now, before)).toEqual([
      `the earlier threshold, 2, was ${words}; the new one, 1, is for 1 % of good parts rejected: ` +
        'csflow threshold sets it otherwise',
    ]);
    expect(continuedWarnings(now, before, 0.02)).toEqual([]);
  });
});

describe('the advice beside a threshold from too few', () => {
  it('counts new photos where only they can be held out, and names no option that is refused', () => {
    const lines = thresholdLines(model({ parts: 9, known: 80 })).join('\n');
    // 90 more held out are 15 % of 600.
    expect(lines).toContain(
      'that takes about 600 more new good images for train --from, or a training anew with',
    );
    expect(thresholdLines(model({ parts: 9 })).join('\n')).toMatch(
      /that takes about \d+ good training images in all, or 99 good images with train --calibrate cross/,
    );
  });
});
