import { describe, expect, it } from 'vitest';
import { epochsFor, resolveSettings } from '#csflow/inspector/settings.js';

const base = { preset: 'small', recipe: 'default' };

describe('resolveSettings', () => {
  it('takes the preset, and what the user sets instead', () => {
    expect(resolveSettings(base)).toMatchObject({
      backbone: { name: 'efficientnet-lite0', layer: 14 },
      size: [384, 384],
      configuration: { channels: 192, mapSize: [12, 12], hidden: 64, kernels: [3, 3, 3, 5], clamp: 3 },
      recipe: { batch: 16, inputTransform: 'standardise' },
      epochs: 16,
    });
    const chosen = resolveSettings({
      ...base,
      size: [128, 256],
      layer: 15,
      hidden: 8,
      batch: 4,
      learningRate: 0.1,
    });
    expect(chosen.configuration).toMatchObject({ channels: 320, mapSize: [4, 8], hidden: 8 });
    expect(chosen.recipe).toMatchObject({ batch: 4, schedule: { learningRate: 0.1 } });
  });

  it("takes the paper's recipe with its own number of epochs", () => {
    expect(resolveSettings({ ...base, recipe: 'paper' })).toMatchObject({ epochs: 240, minimumSteps: 1 });
  });

  it.each([
    [{ size: [100, 128] as const }, /size: expected multiples of 128 .* got 100x128/],
    [{ hidden: 0 }, /hidden: expected a whole number from 1, got 0/],
    [{ clamp: -1 }, /clamp: expected a number from 0, got -1/],
    [{ batch: 1.5 }, /batch: expected a whole number from 1, got 1.5/],
    [{ learningRate: Infinity }, /learning-rate: expected a number above 0, got Infinity/],
    [{ preset: 'huge' }, /preset: expected tiny or small, got huge/],
  ])('refuses %j', (choice, message) => {
    expect(() => resolveSettings({ ...base, ...choice })).toThrow(message);
  });
});

describe('epochsFor', () => {
  it('passes over few images more often, unless the user says how often', () => {
    expect(epochsFor(resolveSettings(base), 594)).toBe(16);
    expect(epochsFor(resolveSettings(base), 136)).toBe(34);
    expect(epochsFor(resolveSettings(base), 10)).toBe(300);
    expect(epochsFor(resolveSettings({ ...base, epochs: 2 }), 10)).toBe(2);
  });
});
