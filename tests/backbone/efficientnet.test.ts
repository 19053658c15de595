import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import {
  backboneNames,
  defaultLayer,
  efficientNet,
  featureChannels,
  imageFeatures,
  weightSpecs,
  type BackboneChoice,
  type BackboneName,
} from '#csflow/backbone/index.js';
import { input, lower, writeOnnx } from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { readSafetensors, type Safetensors } from '#csflow/tensor/safetensors.js';
import { relativeDifference } from '../csflow/golden-case.js';
import { formulaPixels, formulaWeights } from './formula-weights.js';

const device = createLocalDevice();
afterAll(() => device.close());

const sharedWeights = new URL('../../../shared/weights/', import.meta.url);
const isThere = (file: string): boolean => existsSync(new URL(file, sharedWeights));
const read = (file: string): Safetensors => readSafetensors(readFileSync(new URL(file, sharedWeights)), file);

async function features(
  choice: BackboneChoice,
  weights: Safetensors,
  [height, width]: readonly [number, number],
): Promise<Float32Array> {
  const dims = [1, 3, height, width];
  const model = writeOnnx(lower({ y: efficientNet(choice, weights)(input('x', dims)) }));
  const session = await device.compile(model);
  const results = await session.run({ x: { dtype: 'float32', dims, data: formulaPixels(height, width) } });
  await session.close();
  return valuesOf(results, 'y', 'float32');
}

describe('the nets', () => {
  it.each([
    ['efficientnet-lite0', 16, 32, 14, 192],
    ['efficientnet-lite1', 21, 32, 19, 192],
    ['efficientnet-lite2', 21, 32, 19, 208],
    ['efficientnet-lite4', 30, 32, 28, 272],
    ['efficientnet-b0', 16, 32, 14, 192],
    ['efficientnet-b1', 23, 32, 20, 192],
    ['efficientnet-b2', 23, 32, 20, 208],
    ['efficientnet-b3', 26, 40, 23, 232],
    ['efficientnet-b4', 32, 48, 29, 272],
    ['efficientnet-b5', 39, 48, 35, 304],
    ['efficientnet-b6', 45, 56, 41, 344],
    ['efficientnet-b7', 55, 64, 50, 384],
  ] as const)(
    '%s: %i blocks, stem of %i, block %i with %i channels',
    (name, blocks, stem, layer, channels) => {
      expect(() => featureChannels({ name, layer: blocks })).toThrow(new RegExp(`to ${blocks - 1}\\), got`));
      expect(weightSpecs({ name, layer: 0 })[0]).toEqual({
        name: '_conv_stem.weight',
        dims: [stem, 3, 3, 3],
      });
      expect(defaultLayer(name)).toBe(layer);
      expect(featureChannels({ name, layer })).toBe(channels);
      expect(featureChannels({ name, layer: layer + 1 })).toBeGreaterThan(channels);
    },
  );

  it('B5 without its head has the parameters of the published net', () => {
    const learned = weightSpecs({ name: 'efficientnet-b5', layer: 38 }).filter(
      ({ name }) => !name.includes('running'),
    );
    const total = learned.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
    // 30,389,784 in all, less the head: a 1×1 convolution of 512 to 2048, its normalisation, and 1000 classes.
    expect(total).toBe(30_389_784 - (512 * 2048 + 2 * 2048 + 2048 * 1000 + 1000));
  });

  it.each(backboneNames)('%s turns 128×128 pixels into maps of 4×4, 2×2 and 1×1', (name) => {
    const choice = { name, layer: defaultLayer(name) };
    const image = input('image', ['N', 'H', 'W', 3], 'uint8');
    const blank = new Map(
      weightSpecs(choice).map(({ name: tensor, dims }) => [
        tensor,
        { dtype: 'F32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) } as const,
      ]),
    );
    const maps = imageFeatures(image, [128, 128], choice, { metadata: {}, tensors: blank });
    const channels = featureChannels(choice);
    expect(maps.map(({ type }) => type.dims)).toEqual([4, 2, 1].map((side) => ['N', channels, side, side]));
  });
});

describe('normalisation', () => {
  it("is ImageNet's for the B nets", async () => {
    const choice = { name: 'efficientnet-b0', layer: 14 } as const;
    const weights = formulaWeights(choice, 1.4);
    const image = input('image', ['N', 'H', 'W', 3], 'uint8');
    const session = await device.compile(
      writeOnnx(lower({ y: imageFeatures(image, [128, 128], choice, weights)[0] })),
    );
    const data = Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
    const results = await session.run({ image: { dtype: 'uint8', dims: [1, 128, 128, 3], data } });
    await session.close();

    const mean = [0.485, 0.456, 0.406];
    const deviation = [0.229, 0.224, 0.225];
    const pixels = Float32Array.from({ length: data.length }, (_, i) => {
      const channel = Math.floor(i / 128 ** 2);
      return (data[(i % 128 ** 2) * 3 + channel] / 255 - mean[channel]) / deviation[channel];
    });
    const x = input('x', [1, 3, 128, 128]);
    const alone = await device.compile(writeOnnx(lower({ y: efficientNet(choice, weights)(x) })));
    const expected = await alone.run({ x: { dtype: 'float32', dims: [1, 3, 128, 128], data: pixels } });
    await alone.close();
    expect(
      relativeDifference(valuesOf(results, 'y', 'float32'), valuesOf(expected, 'y', 'float32')),
    ).toBeLessThanOrEqual(1e-5);
  });
});

describe.skipIf(!isThere('efficientnet-lite1.safetensors'))(
  'published Lite weights (needs ../shared)',
  () => {
    it.each([
      ['efficientnet-lite0', 15],
      ['efficientnet-lite1', 20],
      ['efficientnet-lite2', 20],
    ] as const)(
      '%s: every tensor of the net has the shape of the published one, and none is left over',
      (name, layer) => {
        const { tensors } = read(`${name}.safetensors`);
        const published = [...tensors].filter(([tensor]) => !tensor.endsWith('num_batches_tracked'));
        const expected = weightSpecs({ name, layer }).map((spec) => [spec.name, spec.dims]);
        expect(Object.fromEntries(published.map(([tensor, { dims }]) => [tensor, dims]))).toEqual(
          Object.fromEntries(expected),
        );
      },
    );
  },
);

/** Features of the published code (efficientnet_pytorch 0.7.1) with weights from a formula. */
const goldenCases: readonly [BackboneName, number, number, readonly [number, number]][] = [
  ['efficientnet-b0', 10, 1.4, [96, 128]],
  ['efficientnet-b5', 35, 1.1, [128, 160]],
];
const bound = 5e-6;

/** Computed by the program in the file's metadata, with published code. */
const fixture = new URL('../fixtures/golden/backbones.safetensors', import.meta.url);

describe('features of the published code', () => {
  const golden = readSafetensors(readFileSync(fixture), 'backbones.safetensors');
  it.each([
    ['efficientnet-b1', 20],
    ['efficientnet-b3', 23],
    ['efficientnet-lite1', 19],
    ['efficientnet-lite3', 23],
  ] as const)('%s, block %i', async (name, layer) => {
    const choice = { name, layer };
    const weights = formulaWeights(choice, Number(golden.metadata.gain));
    const expected = golden.tensors.get(name)!.data as Float32Array;
    expect(relativeDifference(await features(choice, weights, [64, 96]), expected)).toBeLessThanOrEqual(
      bound,
    );
  });
});

describe.skipIf(!isThere('efficientnet-b5-formula-768x768.safetensors'))(
  'features of the published code, B0 and B5 (needs ../shared)',
  () => {
    it.each(goldenCases)('%s, block %i, gain %f, %j', async (name, layer, gain, size) => {
      const golden = read(`${name}-formula-${size.join('x')}.safetensors`).tensors.get('features')!;
      const choice = { name, layer };
      const values = await features(choice, formulaWeights(choice, gain), size);
      expect(relativeDifference(values, golden.data as Float32Array)).toBeLessThanOrEqual(bound);
    });

    it('efficientnet-b5, block 35, at 768×768', async () => {
      const { tensors } = read('efficientnet-b5-formula-768x768.safetensors');
      const choice = { name: 'efficientnet-b5', layer: 35 } as const;
      const values = await features(choice, formulaWeights(choice, 1.1), [768, 768]);
      const side = 24;
      const perChannel = Array.from({ length: 304 }, (_, c) =>
        values.subarray(c * side ** 2, (c + 1) * side ** 2),
      );
      const means = Float32Array.from(perChannel, (map) => map.reduce((a, b) => a + b, 0) / map.length);
      const topRows = Float32Array.from(perChannel.flatMap((map) => [...map.subarray(0, 3 * side)]));
      const expected = (name: string) => tensors.get(name)!.data as Float32Array;
      expect(relativeDifference(means, expected('features_mean_per_channel'))).toBeLessThanOrEqual(bound);
      expect(relativeDifference(topRows, expected('features_top_rows'))).toBeLessThanOrEqual(bound);
    }, 60_000);
  },
);
