import { expect, it } from 'vitest';
import { pixelMetrics } from '#csflow/evaluation/index.js';
import { measurePixels } from '#csflow/evaluation/measure-pixels.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

function drawn(count: number) {
  const random = new NumpyRandom(1);
  return Array.from({ length: count }, () => {
    const mask = Uint8Array.from({ length: 64 * 64 }, (_, i) => Number(i % 64 < 9 && i < 700));
    return { map: Float32Array.from(mask, (value) => value + random.normal()), mask, height: 64, width: 64 };
  });
}

it('measures pixels in a thread of its own as in this one', async () => {
  expect(await measurePixels(drawn(3))).toEqual(pixelMetrics(drawn(3)));
});

it('passes on what is wrong with the maps', async () => {
  const [picture] = drawn(1);
  await expect(measurePixels([{ ...picture, width: 63 }])).rejects.toThrow(RangeError);
});
