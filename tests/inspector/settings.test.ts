import { describe, expect, it } from 'vitest';
import { parameterSpecs } from '#csflow/csflow/index.js';
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

/** Learned values of a flow, counted by hand from the layers of DESIGN: weights, biases, gammas. */
function parameterCount(
  channels: number,
  hidden: number,
  kernels: readonly number[],
  gamma: boolean,
): number {
  const layer = (inputs: number, outputs: number, kernel: number) => outputs * (inputs * kernel ** 2 + 1);
  return kernels.reduce((sum, kernel) => {
    const half = channels / 2;
    // Two subnets; at three scales one convolution in and one out, and two up and two down.
    const subnet = 3 * layer(half, hidden, kernel) + 7 * layer(hidden, channels, kernel) + (gamma ? 3 : 0);
    return sum + 2 * subnet;
  }, 0);
}

describe('ablations change the structure as they say', () => {
  const ablations: readonly [string, object, readonly number[], boolean][] = [
    ['none', {}, [3, 3, 3, 5], true],
    ['gamma off', { gamma: false }, [3, 3, 3, 5], false],
    ['two blocks', { blocks: 2 }, [3, 5], true],
    ['one block', { blocks: 1 }, [5], true],
    ['kernels of its own', { kernels: [1, 5, 3] }, [1, 5, 3], true],
  ];
  it.each(ablations)('%s', (_, choice, kernels, gamma) => {
    const { configuration } = resolveSettings({ ...base, ...choice });
    expect(configuration).toMatchObject({ kernels, gamma });
    const specs = parameterSpecs(configuration);
    const total = specs.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
    expect(total).toBe(parameterCount(192, 64, kernels, gamma));
    expect(specs.some(({ name }) => name.includes('gamma'))).toBe(gamma);
  });

  it('one scale, or another way for the scales to work together', () => {
    expect(resolveSettings({ ...base, scales: '1' }).configuration.usedScales).toEqual([1]);
    expect(resolveSettings({ ...base, scales: 'all' }).configuration.usedScales).toEqual([0, 1, 2]);
    expect(resolveSettings({ ...base, cross: 'concat' }).configuration.cross).toBe('concat');
  });

  it('the clamp bounds the log-scale and has no parameters', () => {
    const clamped = resolveSettings({ ...base, clamp: 1 }).configuration;
    expect(clamped.clamp).toBe(1);
    expect(parameterSpecs(clamped)).toEqual(parameterSpecs(resolveSettings(base).configuration));
  });

  it('refuses blocks together with kernels, and even kernels', () => {
    expect(() => resolveSettings({ ...base, blocks: 2, kernels: [3, 3] })).toThrow(
      /either blocks or kernels/,
    );
    expect(() => resolveSettings({ ...base, kernels: [3, 4] })).toThrow(
      /kernels: expected odd kernel sides, got 3,4/,
    );
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
