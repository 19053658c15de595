import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentDigest } from '#csflow/data/index.js';
import type { DatasetImage } from '#csflow/data/types.js';
import { splitContinued } from '#csflow/inspector/continued-split.node.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'csflow-split-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A good training image whose content is its name. */
function image(name: string, group = name): DatasetImage {
  const path = join(folder, name);
  writeFileSync(path, name);
  return { path, label: 'good', defectClass: 'good', split: 'train', group };
}

const digests = (names: readonly string[]): string[] => names.map(contentDigest);

function earlier(learned: readonly string[], heldOut: readonly string[], before?: readonly string[]) {
  const from = before && { models: ['0'.repeat(64)], calibrationImages: digests(before) };
  return {
    data: { trainingImages: digests(learned), calibrationImages: digests(heldOut) },
    from,
  } as unknown as Parameters<typeof splitContinued>[1];
}

const names = (images: readonly { path: string }[]): string[] =>
  images.map(({ path }) => path.slice(folder.length + 1));

const fresh = Array.from({ length: 20 }, (_, i) => `new-${String(i).padStart(2, '0')}`);

describe('splitContinued', () => {
  it('lets learned images train again, held-out ones calibrate again, and holds out a share of the new', async () => {
    const images = ['a', 'b', 'c', 'd', ...fresh].map((name) => image(name));
    const split = await splitContinued(images, earlier(['a', 'b'], ['c'], ['d']), { seed: 1 });
    expect(names(split.training)).toEqual(expect.arrayContaining(['a', 'b']));
    expect(names(split.calibration)).toEqual(expect.arrayContaining(['c', 'd']));
    expect(split.calibration).toHaveLength(2 + 3);
    expect(split.training).toHaveLength(2 + 17);
    expect(split.leftOut).toEqual([]);
    const again = await splitContinued([...images].reverse(), earlier(['a', 'b'], ['c'], ['d']), { seed: 1 });
    expect(again).toEqual(split);
    const other = await splitContinued(images, earlier(['a', 'b'], ['c'], ['d']), { seed: 2 });
    expect(names(other.calibration)).not.toEqual(names(split.calibration));
  });

  it('goes by the parts: new pictures of a learned part train, of a held-out one calibrate', async () => {
    const images = [
      image('a', 'one'),
      image('a2', 'one'),
      image('c', 'two'),
      image('c2', 'two'),
      ...fresh.map((name) => image(name, name.slice(0, 5))),
    ];
    const split = await splitContinued(images, earlier(['a'], ['c']), { seed: 1 });
    expect(names(split.training)).toEqual(expect.arrayContaining(['a', 'a2']));
    expect(names(split.calibration)).toEqual(expect.arrayContaining(['c', 'c2']));
    const parts = (of: readonly DatasetImage[]) => new Set(of.map(({ group }) => group));
    expect([...parts(split.training)].filter((part) => parts(split.calibration).has(part))).toEqual([]);
  });

  it('leaves out what calibrated the earlier model where its part has been learned from', async () => {
    const images = [image('a', 'one'), image('c', 'one'), ...fresh.map((name) => image(name))];
    const split = await splitContinued(images, earlier(['a'], ['c']), { seed: 1 });
    expect(names(split.leftOut)).toEqual(['c']);
    expect(split.leftOut[0].reason).toContain('calibrated the earlier model');
    expect(names([...split.training, ...split.calibration])).not.toContain('c');
  });

  it('learns from one new part alone where earlier ones calibrate', async () => {
    const split = await splitContinued([image('c'), image('x')], earlier([], ['c']), { seed: 1 });
    expect([names(split.training), names(split.calibration)]).toEqual([['x'], ['c']]);
    await expect(splitContinued([image('x')], earlier(['a'], ['c']), { seed: 1 })).rejects.toThrow(
      'training needs at least 2 good images',
    );
  });

  it('never takes test images or defective ones, and says when nothing is new', async () => {
    const images = [
      image('a'),
      image('c'),
      { ...image('t'), split: 'test' as const },
      { ...image('d'), label: 'defective' as const },
    ];
    await expect(splitContinued(images, earlier(['a'], ['c']), { seed: 1 })).rejects.toThrow(
      'from: expected good images that the earlier model has not seen, got 2 that it all has',
    );
  });

  it('treats what it cannot read as new, to be told of later', async () => {
    const gone = image('gone');
    rmSync(gone.path);
    const split = await splitContinued([gone, image('c')], earlier([], ['c']), { seed: 1 });
    expect(names(split.training)).toEqual(['gone']);
  });
});
