import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import { cacheDirectory, cacheMaxBytes } from './cache-location.js';
import { contentDigest } from './content-digest.js';
import { decodeFeatures, encodeFeatures } from './feature-file.js';

const ENTRY = /^[0-9a-f]{64}\.features$/;
const UNFINISHED = /^[0-9a-f]{64}\.[0-9a-f-]{36}\.part$/;
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

export interface FeatureCacheOptions {
  /** Default: {@link cacheDirectory}. */
  readonly directory?: string;
  /** Default: {@link cacheMaxBytes}. */
  readonly maxBytes?: number;
}

export interface FileTotal {
  readonly files: number;
  readonly bytes: number;
}

interface Entry {
  readonly path: string;
  readonly bytes: number;
  readonly usedAt: number;
  readonly unfinished: boolean;
}

/**
 * The key of one image's features.
 * @param description everything but the image that decides the features: backbone and its weights, block, size,
 * preprocessing
 * @param imageDigest SHA-256 of the image file, hex
 */
export function featureKey(description: string, imageDigest: string): string {
  return contentDigest(JSON.stringify([description, imageDigest]));
}

/**
 * Feature maps of images on disk, one file an image, bounded by least recent use when {@link FeatureCache.prune}
 * is called. Files are written beside and renamed and carry a checksum, so several processes may share one
 * cache; a damaged file counts as absent and is removed. Files of other names are never touched.
 */
export class FeatureCache {
  readonly directory: string;
  readonly maxBytes: number;

  constructor({
    directory = join(cacheDirectory(), 'features'),
    maxBytes = cacheMaxBytes(),
  }: FeatureCacheOptions = {}) {
    this.directory = directory;
    this.maxBytes = maxBytes;
  }

  /** The maps stored under `key`; a hit counts as use. */
  async get(key: string): Promise<readonly Float32Array[] | undefined> {
    const path = this.#pathOf(key);
    const file = await readFile(path).catch(() => undefined);
    if (file === undefined) return undefined;
    const maps = decodeFeatures(file);
    if (maps === undefined) {
      await rm(path, { force: true }).catch(() => undefined);
      return undefined;
    }
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined); // another process may have pruned it
    return maps;
  }

  /** Whether there is a file for `key`; not whether it is whole, and no use of it. */
  has(key: string): Promise<boolean> {
    return isFile(this.#pathOf(key));
  }

  /** @throws UserError where the cache cannot be written: no permission, disk full */
  async put(key: string, maps: readonly Float32Array[]): Promise<void> {
    const path = this.#pathOf(key);
    const unfinished = join(this.directory, `${key}.${randomUUID()}.part`);
    try {
      await mkdir(this.directory, { recursive: true });
      await writeFile(unfinished, encodeFeatures(maps));
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      // Windows refuses to replace a file that another process reads: then its content is there already.
      if (await isFile(path)) return;
      throw new UserError(
        `${this.directory}: features could not be cached (${messageOf(error)}); name a folder that can be written in CSFLOW_CACHE, or leave the cache out with --no-cache`,
      );
    }
  }

  /** Removes the least recently used files until at most `maxBytes` are left; says what was removed. */
  async prune(): Promise<FileTotal> {
    const entries = await this.#entries();
    const abandoned = entries.filter((e) => e.unfinished && e.usedAt < Date.now() - ABANDONED_AFTER_MS);
    const finished = entries.filter((e) => !e.unfinished).sort((a, b) => a.usedAt - b.usedAt);
    const removed = [...abandoned];
    let bytes = totalOf(finished).bytes;
    for (const entry of finished) {
      if (bytes <= this.maxBytes) break;
      removed.push(entry);
      bytes -= entry.bytes;
    }
    return removeAll(removed);
  }

  /** Removes every cached file; says how many there were and their bytes. */
  async clear(): Promise<FileTotal> {
    return removeAll(await this.#entries());
  }

  async usage(): Promise<FileTotal> {
    return totalOf((await this.#entries()).filter((entry) => !entry.unfinished));
  }

  #pathOf(key: string): string {
    if (!/^[0-9a-f]{64}$/.test(key))
      throw new RangeError(`key: expected 64 hex digits of featureKey(), got "${key}"`);
    return join(this.directory, `${key}.features`);
  }

  /** What this cache wrote, by name. */
  async #entries(): Promise<Entry[]> {
    const names = await readdir(this.directory).catch(() => []);
    const entries: Entry[] = [];
    for (const name of names.sort()) {
      if (!ENTRY.test(name) && !UNFINISHED.test(name)) continue;
      const path = join(this.directory, name);
      const stats = await stat(path).catch(() => undefined); // another process may have removed it
      if (stats === undefined) continue;
      entries.push({ path, bytes: stats.size, usedAt: stats.mtimeMs, unfinished: !ENTRY.test(name) });
    }
    return entries;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

async function removeAll(entries: readonly Entry[]): Promise<FileTotal> {
  const removed: Entry[] = [];
  for (const entry of entries) {
    const done = await rm(entry.path).then(
      () => true,
      () => false,
    );
    if (done) removed.push(entry);
  }
  return totalOf(removed);
}

function totalOf(entries: readonly Entry[]): FileTotal {
  return { files: entries.length, bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0) };
}
