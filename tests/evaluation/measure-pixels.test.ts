import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { UserError } from '#csflow/errors.js';
import { pixelMetricsByClass, type ScoredMap } from '#csflow/evaluation/index.js';
import { openKeyStore } from '#csflow/evaluation/key-store.node.js';
import { measurePixels } from '#csflow/evaluation/measure-pixels.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { temporaryFolder } from '../data/temporary-folder.js';

const folder = await temporaryFolder();
afterEach(() => vi.unstubAllEnvs());

/** Defective pictures of two classes, then good ones. */
function drawn(defective: number, good: number): ScoredMap[] {
  const random = new NumpyRandom(1);
  return Array.from({ length: defective + good }, (_, k) => {
    const mask = Uint8Array.from({ length: 64 * 64 }, (_, i) =>
      Number(k < defective && i % 64 < 9 && i < 700),
    );
    const map = Float32Array.from(mask, (value) => value + random.normal());
    const size = { height: 64, width: 64 };
    return k < defective
      ? { map, mask, ...size, defectClass: k % 2 === 0 ? 'crack' : 'dent' }
      : { map, ...size };
  });
}

it('measures pictures as they come, in a thread of its own, as all of them here', async () => {
  const pixels = measurePixels();
  for (const picture of drawn(3, 4)) await pixels.add(picture);
  const metrics = await pixels.finish(1.5);
  await pixels.close();
  expect(metrics).toEqual(pixelMetricsByClass(drawn(3, 4), 1.5));
  expect(metrics.classes.size).toBe(2);
});

it('knows nothing of good pictures alone', async () => {
  const pixels = measurePixels();
  for (const picture of drawn(0, 2)) await pixels.add(picture);
  const { all, classes } = await pixels.finish();
  await pixels.close();
  expect(all).toMatchObject({ auroc: undefined, regions: 0 });
  expect(classes.size).toBe(0);
});

it('passes on what is wrong with a picture, and names it', async () => {
  const pixels = measurePixels();
  const [first, second] = drawn(2, 0);
  await pixels.add(first);
  const wrong = pixels.add({ ...second, width: 63 });
  await expect(wrong).rejects.toThrow(RangeError);
  await expect(wrong).rejects.toThrow('picture 1');
  await pixels.close();
  await expect(pixels.finish()).rejects.toThrow('has ended');
});

it('refuses a defective picture after a good one', async () => {
  const pixels = measurePixels();
  const [defective, good] = drawn(1, 1);
  await pixels.add(good);
  await expect(pixels.add(defective)).rejects.toThrow('the defective ones before the good ones');
  await pixels.close();
});

it('puts scores aside on the disk beyond a limit, gives them back in order and leaves nothing behind', () => {
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, folder);
  const store = openKeyStore(10);
  const put = [3, 9, 0, 5, 2].map((length, i) => ({
    source: { picture: 'defective', defectClass: `class ${i}` } as const,
    keys: Uint32Array.from({ length }, (_, k) => 4e9 + 10 * i + k),
  }));
  for (const { source, keys } of put) store.add(source, keys);
  const taken: unknown[] = [];
  store.drain((source, keys) => taken.push({ source, keys }));
  expect(taken).toEqual(put);
  store.drain((source) => taken.push(source));
  expect(taken).toHaveLength(put.length);
  expect(readdirSync(folder)).toEqual([]);

  store.add(put[1].source, new Uint32Array(11));
  store.close();
  expect(readdirSync(folder)).toEqual([]);
});

it('says where it found no room', () => {
  const missing = join(folder, 'missing');
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, missing);
  const store = openKeyStore(10);
  const source = { picture: 'defective' } as const;
  store.add(source, new Uint32Array(10));
  expect(() => store.add(source, new Uint32Array(1))).toThrow(UserError);
  expect(() => store.add(source, new Uint32Array(1))).toThrow(missing);
  store.close();
});
