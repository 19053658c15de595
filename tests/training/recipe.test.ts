import { describe, expect, it } from 'vitest';
import { learningRateAt, recipeNamed } from '#csflow/training/index.js';

describe('learning rate', () => {
  const schedule = { kind: 'one-cycle', learningRate: 1e-3, warmUp: 0.1 } as const;

  it('of one cycle rises from a 25th to its peak and falls to nearly nothing', () => {
    expect(learningRateAt(schedule, 0)).toBeCloseTo(4e-5, 12);
    expect(learningRateAt(schedule, 0.05)).toBeCloseTo((4e-5 + 1e-3) / 2, 12);
    expect(learningRateAt(schedule, 0.1)).toBeCloseTo(1e-3, 12);
    expect(learningRateAt(schedule, 0.55)).toBeCloseTo(1e-3 / 2, 5);
    expect(learningRateAt(schedule, 1)).toBeCloseTo(4e-9, 15);
  });

  it("is constant in the paper's recipe, which has 240 epochs of features as they are", () => {
    const paper = recipeNamed('paper');
    expect(paper).toMatchObject({ inputTransform: 'none', batch: 16, epochs: 240, maxNorm: 1 });
    expect([0, 0.5, 1].map((progress) => learningRateAt(paper.schedule, progress))).toEqual([
      2e-4, 2e-4, 2e-4,
    ]);
  });

  it('names the recipes there are', () => {
    expect(() => recipeNamed('papper')).toThrow('recipe: expected default or paper, got papper');
  });
});
