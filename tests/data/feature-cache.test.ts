import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheDirectory, cacheMaxBytes, DEFAULT_CACHE_BYTES } from '#csflow/data/cache-location.js';
import { FeatureCache, featureKey } from '#csflow/data/feature-cache.js';
import { decodeFeatures, encodeFeatures } from '#csflow/data/feature-file.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = await temporaryFolder();
const maps = [Float32Array.of(1, -0, NaN), Float32Array.of(Infinity, 2 ** -149), Float32Array.of()];
const key = featureKey('lite0 block 14 384x384', 'ab');
let count = 0;

function newCache(maxBytes = DEFAULT_CACHE_BYTES): FeatureCache {
  return new FeatureCache({ directory: join(folder, `cache-${count++}`), maxBytes });
}

const entryOf = (cache: FeatureCache, name: string) => join(cache.directory, `${name}.features`);

describe('the feature cache', () => {
  it('gives back what was put, in a second process too, and nothing else', async () => {
    const cache = newCache();
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, maps);
    expect(await new FeatureCache({ directory: cache.directory }).get(key)).toEqual(maps);
    expect(await cache.get(featureKey('another', 'ab'))).toBeUndefined();
    await cache.put(key, maps.slice(0, 1));
    expect(await cache.get(key)).toEqual(maps.slice(0, 1));
    expect(await readdir(cache.directory)).toEqual([`${key}.features`]);
  });

  it('keys differ with description and image, and do not run together', () => {
    const keys = [featureKey('a', 'bc'), featureKey('ab', 'c'), featureKey('abc', ''), featureKey('a', 'bd')];
    expect(new Set(keys).size).toBe(4);
    expect(featureKey('a', 'bc')).toBe(keys[0]);
  });

  it('takes a damaged file as absent and removes it', async () => {
    const cache = newCache();
    await cache.put(key, maps);
    const whole = await readFile(entryOf(cache, key));
    for (const damaged of [whole.subarray(0, -1), Buffer.alloc(0), Buffer.concat([whole, Buffer.of(0)])]) {
      await writeFile(entryOf(cache, key), damaged);
      expect(await cache.get(key)).toBeUndefined();
      expect(await readdir(cache.directory)).toEqual([]);
    }
  });

  it('is written by several at once', async () => {
    const cache = newCache();
    await Promise.all(Array.from({ length: 8 }, () => cache.put(key, maps)));
    expect(await cache.get(key)).toEqual(maps);
    expect(await cache.usage()).toMatchObject({ files: 1 });
  });

  it('prunes the least recently used until the bound holds; a hit is use', async () => {
    const bytes = encodeFeatures(maps).length;
    const cache = newCache(2 * bytes);
    const keys = ['one', 'two', 'three', 'four'].map((name) => featureKey(name, ''));
    for (const [i, name] of keys.entries()) {
      await cache.put(name, maps);
      await utimes(entryOf(cache, name), 1000 + i, 1000 + i);
    }
    expect(await cache.usage()).toEqual({ files: 4, bytes: 4 * bytes });
    await cache.get(keys[0]);
    expect((await stat(entryOf(cache, keys[0]))).mtimeMs).toBeGreaterThan(1e9);
    expect(await cache.prune()).toEqual({ files: 2, bytes: 2 * bytes });
    expect((await readdir(cache.directory)).sort()).toEqual(
      [keys[0], keys[3]].map((k) => `${k}.features`).sort(),
    );
    expect(await cache.prune()).toEqual({ files: 0, bytes: 0 });
  });

  it('clears what it wrote and leaves other files alone', async () => {
    const cache = newCache();
    expect(await cache.clear()).toEqual({ files: 0, bytes: 0 });
    await cache.put(key, maps);
    await writeFile(join(cache.directory, 'thesis.txt'), 'mine');
    await writeFile(join(cache.directory, 'x.features'), 'mine');
    expect(await cache.clear()).toEqual({ files: 1, bytes: encodeFeatures(maps).length });
    expect((await readdir(cache.directory)).sort()).toEqual(['thesis.txt', 'x.features']);
  });

  it('removes unfinished files once they are old, and does not count them', async () => {
    const cache = newCache();
    await cache.put(key, maps);
    const part = (digit: string) =>
      join(cache.directory, `${key}.${digit.repeat(8)}-0000-4000-8000-000000000000.part`);
    await writeFile(part('1'), 'abc');
    await writeFile(part('2'), 'abc');
    await utimes(part('1'), 1000, 1000);
    expect(await cache.usage()).toMatchObject({ files: 1 });
    expect(await cache.prune()).toEqual({ files: 1, bytes: 3 });
    expect((await readdir(cache.directory)).length).toBe(2);
  });

  it('names the folder where it cannot write, and refuses keys that are paths', async () => {
    await writeFile(join(folder, 'a-file'), '');
    const cache = new FeatureCache({ directory: join(folder, 'a-file', 'cache') });
    await expect(cache.put(key, maps)).rejects.toThrow(/a-file.*features could not be cached.*CSFLOW_CACHE/);
    await expect(newCache().get('../../etc/passwd')).rejects.toThrow(RangeError);
  });
});

describe('a feature file', () => {
  it('survives the way there and back, NaN and infinities included', () => {
    fc.assert(
      fc.property(fc.array(fc.float32Array({ maxLength: 50 }), { maxLength: 4 }), (arrays) => {
        expect(decodeFeatures(encodeFeatures(arrays))).toEqual(arrays);
      }),
      { seed: 3 },
    );
  });

  it('is refused when any one byte changes', () => {
    const whole = encodeFeatures(maps);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] ^= 1;
      expect(decodeFeatures(changed), `byte ${at}`).toBeUndefined();
    }
  });

  it('takes only the part of a larger buffer that a view shows', () => {
    const view = new Float32Array(Float32Array.of(9, 1, 2, 9).buffer, 4, 2);
    expect(decodeFeatures(encodeFeatures([view]))).toEqual([Float32Array.of(1, 2)]);
  });
});

describe('where the cache lies', () => {
  const home = join(folder, 'home');
  it.each([
    ['linux', {}, join(home, '.cache', 'csflow')],
    ['linux', { XDG_CACHE_HOME: join(folder, 'xdg') }, join(folder, 'xdg', 'csflow')],
    ['linux', { XDG_CACHE_HOME: 'relative' }, join(home, '.cache', 'csflow')],
    ['darwin', {}, join(home, 'Library', 'Caches', 'csflow')],
    ['win32', { LOCALAPPDATA: join(folder, 'local') }, join(folder, 'local', 'csflow')],
    ['win32', {}, join(home, 'AppData', 'Local', 'csflow')],
    ['linux', { CSFLOW_CACHE: join(folder, 'own') }, join(folder, 'own')],
  ] as const)('%s %o', (platform, environment, expected) => {
    expect(cacheDirectory(environment, platform, home)).toBe(expected);
  });

  it('how large it may grow', () => {
    expect(cacheMaxBytes({})).toBe(4294967296);
    expect(cacheMaxBytes({ CSFLOW_CACHE_MAX_BYTES: '1000' })).toBe(1000);
    for (const text of ['4GB', '-1', '1.5', '1e9', '99999999999999999999']) {
      expect(() => cacheMaxBytes({ CSFLOW_CACHE_MAX_BYTES: text })).toThrow(
        /CSFLOW_CACHE_MAX_BYTES: expected/,
      );
    }
  });
});
