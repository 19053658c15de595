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

  it.each([
    [
      [500, 1250],
      [512, 1280],
    ],
    [
      [1, 1],
      [128, 128],
    ],
    [
      [191, 192],
      [128, 256],
    ],
    [
      [384, 384],
      [384, 384],
    ],
  ] as const)('takes the size %j as the nearest of multiples of 128, %j', (asked, taken) => {
    const settings = resolveSettings({ ...base, size: asked });
    expect(settings.size).toEqual(taken);
    expect(settings.configuration.mapSize).toEqual(taken.map((side) => side / 32));
    expect(settings.view).toEqual({ kind: 'whole' });
  });

  it('looks at tiles at their own size, unless another is given', () => {
    const tiles = { kind: 'tiles', tile: [300, 500], overlap: 0.25, score: 'maximum' };
    expect(resolveSettings({ ...base, tile: [300, 500] })).toMatchObject({ size: [256, 512], view: tiles });
    const chosen = resolveSettings({
      ...base,
      tile: [300, 500],
      size: [128, 128],
      overlap: 0,
      tileScore: 'mean',
    });
    expect(chosen).toMatchObject({ size: [128, 128], view: { ...tiles, overlap: 0, score: 'mean' } });
  });

  it("takes the paper's recipe with its own number of epochs", () => {
    expect(resolveSettings({ ...base, recipe: 'paper' })).toMatchObject({ epochs: 240, minimumSteps: 1 });
  });

  it("takes the paper's size, which is independent of its recipe", () => {
    const paper = resolveSettings({ preset: 'paper', recipe: 'paper' });
    expect(paper).toMatchObject({
      backbone: { name: 'efficientnet-b5', layer: 35 },
      size: [768, 768],
      configuration: {
        channels: 304,
        mapSize: [24, 24],
        hidden: 1024,
        kernels: [3, 3, 3, 5],
        clamp: 3,
        gamma: true,
        usedScales: [0, 1, 2],
        cross: 'full',
      },
      recipe: {
        inputTransform: 'none',
        schedule: { kind: 'constant', learningRate: 2e-4 },
        batch: 16,
        maxNorm: 1,
      },
      epochs: 240,
      minimumSteps: 1,
    });
    expect(resolveSettings({ preset: 'paper', recipe: 'default' })).toMatchObject({
      recipe: { inputTransform: 'standardise' },
      epochs: 240,
    });
    const { configuration } = resolveSettings({ preset: 'small', recipe: 'paper' });
    expect(configuration).toMatchObject({ channels: 192, hidden: 64 });
  });

  it('has the 275.2 million parameters of the published model', () => {
    const { configuration } = resolveSettings({ preset: 'paper', recipe: 'paper' });
    const counts = parameterSpecs(configuration).map(({ dims }) => dims.reduce((a, b) => a * b, 1));
    const total = counts.reduce((a, b) => a + b, 0);
    expect(total).toBe(parameterCount(304, 1024, [3, 3, 3, 5], true));
    expect((total / 1e6).toFixed(1)).toBe('275.2');
  });

  it('reads the block that a backbone of its own choice is read at', () => {
    const chosen = resolveSettings({ ...base, backbone: 'efficientnet-b4' });
    expect(chosen.backbone).toEqual({ name: 'efficientnet-b4', layer: 29 });
    expect(chosen.configuration.channels).toBe(272);
    expect(resolveSettings({ ...base, backbone: 'efficientnet-b4', layer: 30 }).backbone.layer).toBe(30);
    expect(resolveSettings({ ...base, preset: 'paper', backbone: 'efficientnet-lite0' }).backbone.layer).toBe(
      14,
    );
  });

  it.each([
    [{ size: [0, 128] as const }, /size: expected whole numbers from 1 .* got 0x128/],
    [{ tile: [16, 512] as const }, /tile: expected sides from 32 pixels, got 16x512/],
    [{ tile: [64, 64] as const, overlap: 0.8 }, /overlap: expected a share from 0 to 0.75, got 0.8/],
    [{ overlap: 0 }, /overlap: expected together with tile/],
    [{ tileScore: 'mean' as const }, /tile-score: expected together with tile/],
    [{ hidden: 0 }, /hidden: expected a whole number from 1, got 0/],
    [{ clamp: -1 }, /clamp: expected a number from 0, got -1/],
    [{ batch: 1.5 }, /batch: expected a whole number from 1, got 1.5/],
    [{ learningRate: Infinity }, /learning-rate: expected a number above 0, got Infinity/],
    [{ kernels: [3, 99] }, /kernels: expected odd kernel sides up to 11, got 3,99/],
    [
      { scales: '1' as const, cross: 'none' as const },
      /cross: expected full where only one scale is used, got none/,
    ],
    [{ preset: 'huge' }, /preset: expected tiny or small or paper, got huge/],
  ])('refuses %j', (choice, message) => {
    expect(() => resolveSettings({ ...base, ...choice })).toThrow(message);
  });
});

/** Learned values of a flow, counted by hand from the published layers: weights, biases, gammas. */
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
      /kernels: expected odd kernel sides up to 11, got 3,4/,
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
