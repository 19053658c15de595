import { describe, expect, it } from 'vitest';
import { parameterCount, stepMemory } from '#csflow/training/index.js';

const configuration = {
  channels: 8,
  mapSize: [8, 8],
  hidden: 8,
  kernels: [3, 5],
  clamp: 3,
  gamma: true,
} as const;
const state = 12 * parameterCount(configuration);
const beside = (batch: number, images: number): number => stepMemory(configuration, batch, images) - state;

describe('memory of training in batches', () => {
  it('is that of one size of step where the batches come out even', () => {
    expect(beside(4, 8)).toBe(beside(4, 4));
    expect(beside(4, 400)).toBe(beside(4, 4));
  });

  it('adds that of the smaller last step', () => {
    expect(beside(4, 7)).toBeCloseTo(beside(4, 4) + beside(3, 3), 3);
  });

  it('is that of all images where they are fewer than a batch', () => {
    expect(beside(16, 3)).toBe(beside(3, 3));
    expect(beside(3, 3)).toBeGreaterThan(0);
  });
});
