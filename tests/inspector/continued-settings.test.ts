import { describe, expect, it } from 'vitest';
import { continuedSettings } from '#csflow/inspector/continued-settings.js';
import { resolveSettings, type TrainingChoices } from '#csflow/inspector/settings.js';

/** An earlier model as `train` would have made it of some choices. */
function earlierOf(choices: TrainingChoices) {
  const { names, backbone, size, view, configuration } = resolveSettings(choices);
  return {
    metadata: {
      configuration: { ...configuration, backbone, size: [...size] },
      training: names,
      view,
    },
    flow: { configuration },
  } as unknown as Parameters<typeof continuedSettings>[1];
}

const earlier = earlierOf({ preset: 'small', size: [256, 384], hidden: 32, layer: 15, blocks: 3 });
const continued = (choices: TrainingChoices) => continuedSettings(choices, earlier, 'parts.onnx');

describe('continuedSettings', () => {
  it('are those of the earlier model, with fewer passes and a lower peak', () => {
    expect(continued({})).toMatchObject({
      names: { preset: 'small', recipe: 'default' },
      backbone: { name: 'efficientnet-lite0', layer: 15 },
      size: [256, 384],
      configuration: { channels: 320, mapSize: [8, 12], hidden: 32, kernels: [3, 3, 5] },
      epochs: 4,
      minimumSteps: 75,
      recipe: { batch: 16, schedule: { kind: 'one-cycle', learningRate: 3e-4, warmUp: 0.1 } },
    });
    const paper = earlierOf({ preset: 'tiny', recipe: 'paper' });
    expect(continuedSettings({}, paper, 'paper.onnx')).toMatchObject({
      epochs: 60,
      minimumSteps: 1,
      recipe: { schedule: { kind: 'constant', learningRate: 2e-4 } },
    });
  });

  it('take epochs, batch and learning rate as they are chosen', () => {
    expect(continued({ epochs: 7, batch: 3, learningRate: 0.01 })).toMatchObject({
      epochs: 7,
      minimumSteps: 1,
      recipe: { batch: 3, schedule: { learningRate: 0.01 } },
    });
    expect(() => continued({ epochs: 0 })).toThrow('epochs: expected a whole number from 1, got 0');
  });

  it('refuse tiles that the earlier model has not', () => {
    expect(() => continued({ tile: [256, 256] })).toThrow(
      'tile: expected no tiles, as parts.onnx has, got 256x256',
    );
  });

  it('take a choice that says the same', () => {
    const same: TrainingChoices = {
      preset: 'small',
      recipe: 'default',
      size: [256, 384],
      hidden: 32,
      layer: 15,
      kernels: [3, 3, 5],
      scales: 'all',
      cross: 'full',
      gamma: true,
      clamp: 3,
      backbone: 'efficientnet-lite0',
    };
    expect(continued(same)).toEqual(continued({}));
  });

  it('take a size as a first training takes it: the nearest multiples of 128', () => {
    expect(continued({ size: [250, 400] })).toEqual(continued({}));
    expect(() => continued({ size: [250, 500] })).toThrow(
      'size: expected 256x384, as parts.onnx has, got 250x500',
    );
  });

  it.each([
    [{ size: [384, 384] as const }, 'size: expected 256x384, as parts.onnx has, got 384x384'],
    [{ preset: 'tiny' }, 'preset: expected small, as parts.onnx has, got tiny'],
    [{ recipe: 'paper' }, 'recipe: expected default, as parts.onnx has, got paper'],
    [{ hidden: 64 }, 'hidden: expected 32, as parts.onnx has, got 64'],
    [{ layer: 14 }, 'layer: expected 15, as parts.onnx has, got 14'],
    [{ blocks: 2 }, 'blocks: expected 3,3,5, as parts.onnx has, got 3,5'],
    [{ kernels: [3, 3, 3] }, 'kernels: expected 3,3,5, as parts.onnx has, got 3,3,3'],
    [{ scales: '1' as const }, 'scales: expected all, as parts.onnx has, got 1'],
    [{ cross: 'none' as const }, 'cross: expected full, as parts.onnx has, got none'],
    [{ gamma: false }, 'gamma: expected true, as parts.onnx has, got false'],
    [{ clamp: 1 }, 'clamp: expected 3, as parts.onnx has, got 1'],
    [{ backbone: 'efficientnet-b0' as const }, 'backbone: expected efficientnet-lite0, as parts.onnx has'],
  ])('refuse %j', (choice, message) => {
    expect(() => continued(choice)).toThrow(message);
  });
});
