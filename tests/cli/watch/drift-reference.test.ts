import { describe, expect, it } from 'vitest';
import { driftReference } from '#csflow/cli/watch/drift-reference.js';
import { driftWarning } from '#csflow/cli/watch/drift-report.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';

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
