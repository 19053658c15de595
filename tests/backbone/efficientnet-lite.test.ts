import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { efficientNet, featureChannels, imageFeatures, mapSizeOf } from '#csflow/backbone/index.js';
import { loadBackboneWeights, type BackboneWeights } from '#csflow/backbone/weights.node.js';
import { input, lower, writeOnnx } from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { readSafetensors } from '#csflow/tensor/safetensors.js';
import { relativeDifference } from '../csflow/golden-case.js';

const device = createLocalDevice();
let lite0: BackboneWeights;
beforeAll(async () => {
  lite0 = await loadBackboneWeights('efficientnet-lite0');
});
afterAll(() => device.close());

/** Features of the published network on real images; too large for the project's own fixtures. */
const goldenPath = new URL('../../../shared/weights/efficientnet-lite0-golden.safetensors', import.meta.url);

describe.skipIf(!existsSync(goldenPath))('EfficientNet-Lite0 on real images (needs ../shared)', () => {
  const golden = existsSync(goldenPath) ? readSafetensors(readFileSync(goldenPath)) : undefined;
  const blocks = [2, 4, 7, 10, 14, 15];
  it.each(blocks.flatMap((block) => [0, 1].map((image) => [block, image] as const)))(
    'block %i, pixels %i',
    async (block, image) => {
      const pixels = golden!.tensors.get(`pixels${image}`)!;
      const x = input('x', pixels.dims);
      const session = await device.compile(
        writeOnnx(lower({ y: efficientNet({ name: 'efficientnet-lite0', layer: block }, lite0.weights)(x) })),
      );
      const data = Float32Array.from(pixels.data as Uint8Array, (value) => (value - 127) / 128);
      const results = await session.run({ x: { dtype: 'float32', dims: pixels.dims, data } });
      const expected = golden!.tensors.get(`block${block}_${image}`)!.data as Float32Array;
      expect(relativeDifference(valuesOf(results, 'y', 'float32'), expected)).toBeLessThanOrEqual(1e-5);
      await session.close();
    },
  );
});

describe('imageFeatures', () => {
  it('gives three scales of one image, each as the network gives it for the image thinned out', async () => {
    const choice = { name: 'efficientnet-lite0', layer: 14 } as const;
    const features = imageFeatures(
      input('image', ['N', 'H', 'W', 3], 'uint8'),
      [128, 256],
      choice,
      lite0.weights,
    );
    const session = await device.compile(
      writeOnnx(lower({ f0: features[0], f1: features[1], f2: features[2] })),
    );
    const data = Uint8Array.from({ length: 128 * 256 * 3 }, (_, i) => (i * 2654435761) >>> 24);
    const results = await session.run({ image: { dtype: 'uint8', dims: [1, 128, 256, 3], data } });
    expect(results.f0.dims).toEqual([1, 192, 4, 8]);
    expect(results.f2.dims).toEqual([1, 192, 1, 2]);

    const thinned = new Float32Array(3 * 64 * 128);
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 64; y++)
        for (let x = 0; x < 128; x++) {
          thinned[(c * 64 + y) * 128 + x] = (data[(2 * y * 256 + 2 * x) * 3 + c] - 127) / 128;
        }
    const half = input('x', [1, 3, 64, 128]);
    const alone = await device.compile(writeOnnx(lower({ y: efficientNet(choice, lite0.weights)(half) })));
    const expected = await alone.run({ x: { dtype: 'float32', dims: [1, 3, 64, 128], data: thinned } });
    const difference = relativeDifference(
      valuesOf(results, 'f1', 'float32'),
      valuesOf(expected, 'y', 'float32'),
    );
    expect(difference).toBeLessThanOrEqual(1e-5);
  });

  it('names a layer or size that does not fit', () => {
    expect(featureChannels({ name: 'efficientnet-lite0', layer: 14 })).toBe(192);
    expect(featureChannels({ name: 'efficientnet-lite0', layer: 15 })).toBe(320);
    for (const layer of [10, 16, -1]) {
      expect(() => featureChannels({ name: 'efficientnet-lite0', layer })).toThrow(
        /layer: expected a block .* \(11 to 15\)/,
      );
    }
    expect(mapSizeOf([384, 640])).toEqual([12, 20]);
    expect(() => mapSizeOf([384, 400])).toThrow(
      'size: expected multiples of 128 (such as 384x384), got 384x400',
    );
  });
});
