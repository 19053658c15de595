import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { drawPicture, planPictures } from '#csflow/data/sample-data/pictures.js';
import { drawSampleData } from '#csflow/data/sample-data/index.js';
import { UserError } from '#csflow/errors.js';

const root = mkdtempSync(join(tmpdir(), 'csflow-sample-'));
afterAll(() => rmSync(root, { recursive: true }));

const small = { size: 64, trainGood: 3, testGood: 2, defectsPerClass: 2 };
const marker = '.csflow-sample-data.json';

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

describe('drawSampleData', () => {
  it('writes every picture and mask as drawn, says so, and counts', async () => {
    const directory = join(root, 'deep', 'set');
    const progress: number[][] = [];
    const summary = await drawSampleData(directory, {
      ...small,
      seed: 5,
      onProgress: (...counts) => progress.push(counts),
    });
    expect(summary).toEqual({
      root: directory,
      seed: 5,
      ...small,
      images: 11,
      defects: { scratch: 2, stain: 2, missing: 2 },
    });
    expect(progress).toEqual(Array.from({ length: 11 }, (_, i) => [i + 1, 11]));
    expect(filesIn(directory)).toHaveLength(11 + 6 + 1);
    for (const picture of planPictures({ seed: 5, ...small })) {
      const { image, mask } = drawPicture(picture, 64);
      const stored = await sharp(join(directory, picture.path)).raw().toBuffer({ resolveWithObject: true });
      expect(stored.info).toMatchObject({ width: 64, height: 64, channels: 3 });
      expect([...stored.data]).toEqual([...image.data]);
      if (picture.maskPath === undefined) continue;
      const maskFile = join(directory, picture.maskPath);
      expect(await sharp(maskFile).metadata()).toMatchObject({ channels: 1, depth: 'uchar' });
      const truth = await sharp(maskFile).toColourspace('b-w').raw().toBuffer();
      expect([...truth]).toEqual([...mask.data].map((value) => 255 * value));
    }
    const about = JSON.parse(readFileSync(join(directory, marker), 'utf8')) as unknown;
    expect(about).toEqual({ drawnBy: 'csflow sample-data', complete: true, seed: 5, ...small });
  });

  it('replaces an earlier set of its own, and nothing of it stays', async () => {
    const directory = join(root, 'again');
    await drawSampleData(directory, { ...small, trainGood: 5 });
    writeFileSync(join(directory, '.DS_Store'), '');
    const leftover = 'train/good/004.png.01234567-89ab-cdef-0123-456789abcdef.part';
    writeFileSync(join(directory, leftover), 'half a picture');
    await drawSampleData(directory, { ...small, seed: 1, defectsPerClass: 0 });
    expect(readdirSync(join(directory, 'train/good'))).toEqual(['000.png', '001.png', '002.png']);
    expect(readdirSync(directory).sort()).toEqual(['.DS_Store', marker, 'test', 'train']);
    expect(readdirSync(join(directory, 'test'))).toEqual(['good']);
  });

  it('goes on where a run was killed between two pictures', async () => {
    const directory = join(root, 'killed');
    await drawSampleData(directory, small);
    rmSync(join(directory, 'test'), { recursive: true });
    const { images } = await drawSampleData(directory, small);
    expect(images).toBe(11);
    expect(existsSync(join(directory, 'test/missing/001.png'))).toBe(true);
  });

  it('takes an empty folder', async () => {
    const directory = join(root, 'empty');
    mkdirSync(directory);
    await drawSampleData(directory, small);
    expect(existsSync(join(directory, 'train/good/002.png'))).toBe(true);
  });

  it('refuses a folder with other things in it and leaves it as it is', async () => {
    const directory = join(root, 'photos');
    mkdirSync(join(directory, 'train/good'), { recursive: true });
    writeFileSync(join(directory, 'train/good/000.png'), 'mine');
    await expect(drawSampleData(directory, small)).rejects.toThrow(UserError);
    await expect(drawSampleData(directory, small)).rejects.toThrow(
      `${directory}: expected a new or empty folder`,
    );
    expect(readFileSync(join(directory, 'train/good/000.png'), 'utf8')).toBe('mine');
    expect(filesIn(directory)).toEqual(['000.png']);
  });

  it('refuses its own folder once somebody has put a file into it, and removes nothing', async () => {
    const directory = join(root, 'mixed');
    await drawSampleData(directory, small);
    writeFileSync(join(directory, 'train/good/003.png'), 'mine');
    await expect(drawSampleData(directory, small)).rejects.toThrow('train/good/003.png');
    expect(filesIn(directory)).toHaveLength(11 + 6 + 1 + 1);
  });

  it.each(['', '[]x', '{"seed": -1}', 'null'])('refuses a damaged marker: %j', async (text) => {
    const directory = join(root, 'damaged');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, marker), text);
    await expect(drawSampleData(directory, small)).rejects.toThrow(UserError);
    await expect(drawSampleData(directory, small)).rejects.toThrow(marker);
  });

  it('refuses a file in place of the folder', async () => {
    const path = join(root, 'file');
    writeFileSync(path, '');
    await expect(drawSampleData(path, small)).rejects.toThrow(UserError);
    await expect(drawSampleData(path, small)).rejects.toThrow(path);
  });

  it.each([
    [{ size: 63 }, 'size: expected a whole number from 64 to 4096, got 63'],
    [{ size: 100.5 }, 'size'],
    [{ seed: -1 }, 'seed'],
    [{ seed: 2 ** 32 }, 'seed'],
    [{ trainGood: 0 }, 'trainGood'],
    [{ testGood: NaN }, 'testGood'],
    [{ defectsPerClass: -1 }, 'defectsPerClass'],
  ])('refuses %j before it touches the folder', async (settings, message) => {
    const directory = join(root, 'never');
    await expect(drawSampleData(directory, settings)).rejects.toThrow(UserError);
    await expect(drawSampleData(directory, settings)).rejects.toThrow(message);
    expect(existsSync(directory)).toBe(false);
  });
});
