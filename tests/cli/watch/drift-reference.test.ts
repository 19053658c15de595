import { describe, expect, it } from 'vitest';
import { driftReference } from '#csflow/cli/watch/drift-reference.js';
import { driftStart, driftWarning } from '#csflow/cli/watch/drift-report.js';
import { calibrate } from '#csflow/evaluation/calibration.js';
import { driftTest } from '#csflow/evaluation/drift-test.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { drawParts } from '../../evaluation/drawn-scores.js';

type Calibration = ModelMetadata['calibration'];
const calibration = (scores: number[], groups: number[], method: Calibration['method']) => ({
  calibration: { scores, groups, method } as Calibration,
});

describe('what new photos are compared with', () => {
  it('is every calibration score where each shows another part', () => {
    const scores = [0.1, 0.2, 0.3, 0.4];
    expect([...driftReference(calibration(scores, [3, 1, 0, 2], { kind: 'split' }))].sort()).toEqual(scores);
  });

  it('is one score a part, not always the lowest', () => {
    const parts = 50;
    const scores = Array.from({ length: 3 * parts }, (_, i) => i);
    const groups = scores.map((score) => score % parts);
    const chosen = driftReference(calibration(scores, groups, { kind: 'split' }));
    expect(chosen.map((score) => score % parts)).toEqual(Array.from({ length: parts }, (_, i) => i));
    for (const third of [0, 1, 2]) {
      expect(chosen.filter((score) => Math.floor(score / parts) === third).length).toBeGreaterThan(5);
    }
  });

  it('is nothing of a cross-calibrated model, and the warning says so', () => {
    const reference = driftReference(calibration([0.1, 0.2], [0, 1], { kind: 'cross', folds: 2 }));
    expect(reference).toEqual([]);
    const warning = driftWarning({ kind: 'lower', image: 70 }, 1234, reference.length, 0.001);
    expect(warning).toContain('drift at photo 70: good photos score lower than the first ones of this watch');
    expect(warning).toContain('Evidence 1230 to 1; while nothing changes, one watch in 1000 warns at all.');
  });
});

describe('what is said at the start', () => {
  it('is how many scores new ones are compared with, and what follows where they are few or none', () => {
    expect(driftStart(117)).toBe('drift check: against 117 scores of good parts');
    expect(driftStart(20)).toBe('drift check: against 20 scores of good parts');
    expect(driftStart(19)).toMatch(
      /^drift check: against 19 scores of good parts: with fewer than 20 a change/,
    );
    expect(driftStart(1)).toMatch(/^drift check: against 1 score of good parts: /);
    expect(driftStart(0)).toMatch(
      /^drift check: against 0 scores .* compared with the first ones of this watch/,
    );
  });
});

describe('a model calibrated with several photos a part, and a watch in which nothing changes', () => {
  it.each([
    { parts: 18, correlation: 0.5 },
    { parts: 18, correlation: 0.9 },
    { parts: 117, correlation: 0.5 },
    { parts: 117, correlation: 0.9 },
  ])('warns in at most the stated share of watches: $parts parts, alike $correlation', (made) => {
    const seeds = 400;
    const falseAlarm = 0.05;
    let alarms = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const random = new NumpyRandom(seed);
      const { scores, groups } = drawParts(random, made.parts, 6, made.correlation);
      const { threshold, ...good } = calibrate(scores, 0.01, groups);
      const known = calibration([...good.scores], [...good.groups], { kind: 'split' });
      const drift = driftTest(driftReference(known), threshold, { falseAlarm });
      let reading = drift.add(random.normal());
      for (let i = 1; i < 1000 && reading.alarm === undefined; i++) reading = drift.add(random.normal());
      if (reading.alarm !== undefined) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(
      seeds * falseAlarm + 4 * Math.sqrt(seeds * falseAlarm * (1 - falseAlarm)),
    );
  });
});
