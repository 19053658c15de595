import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '#csflow/data/layouts/open-dataset.js';
import type { Dataset, DatasetImage } from '#csflow/data/types.js';
import { UsageError } from '#csflow/errors.js';
import { temporaryFolder, writeFiles } from './temporary-folder.js';

const folder = await temporaryFolder();
let count = 0;

const isGood = (image: DatasetImage) => image.label === 'good';
const groupsOf = (dataset: Dataset, split: string) => [
  ...new Set(
    dataset.images.filter((image) => isGood(image) && image.split === split).map((image) => image.group),
  ),
];

/** Good pictures from their tiles' exposures; the numbers rise by one. */
function goodPictures(tiles: readonly (readonly number[])[], firstNumber = 9): string[] {
  return tiles.flat().map((exposure, i) => `exp${exposure}_num_${firstNumber + i}`);
}

async function drawn(names: readonly string[], extra: readonly string[] = []): Promise<string> {
  const root = join(folder, `tiles-${count++}`);
  await mkdir(root);
  await writeFiles(
    root,
    names.flatMap((name) => [`MT_Free/Imgs/${name}.jpg`, `MT_Free/Imgs/${name}.png`]),
  );
  await writeFiles(root, extra);
  return root;
}

const whole = [1, 2, 3, 4, 5, 6];

describe('magnetic tiles, drawn', () => {
  it('a tile starts where the exposure does not rise; numbers sort as numbers', async () => {
    const dataset = await openDataset(
      await drawn(goodPictures([[0, 1, 2, 3, 4, 5], whole, [2, 3], [3], whole, whole, whole])),
    );
    expect(dataset.layout).toBe('magnetic-tiles');
    expect(groupsOf(dataset, 'test')).toEqual(['tile-000', 'tile-005']);
    expect(groupsOf(dataset, 'train').sort()).toEqual(['tile-001', 'tile-004', 'tile-006']);
    expect(dataset.skipped.map(({ path, reason }) => [basename(path), reason])).toEqual([
      ['exp2_num_21.jpg', 'its tile is incomplete: 2 pictures where 6 were expected'],
      ['exp3_num_22.jpg', 'its tile is incomplete: 2 pictures where 6 were expected'],
      ['exp3_num_23.jpg', 'its tile is incomplete: 1 picture where 6 were expected'],
    ]);
  });

  it('an incomplete tile is left out even where it would be test', async () => {
    const dataset = await openDataset(await drawn(goodPictures([[1, 2, 3], whole])));
    expect(groupsOf(dataset, 'test')).toEqual([]);
    expect(groupsOf(dataset, 'train')).toEqual(['tile-001']);
  });

  it('the tile that is another again is left out', async () => {
    const twin = [65001, 65017, 65031, 65043, 65054, 65067].map((n, i) => `exp${i + 1}_num_${n}`);
    const dataset = await openDataset(await drawn([...goodPictures([whole, whole]), ...twin]));
    expect(dataset.skipped.length).toBe(6);
    expect(dataset.skipped[0].reason).toContain('photographed before');
  });

  it('a PNG beside a JPEG is its mask and never a picture', async () => {
    const extra = [
      'MT_Crack/Imgs/exp1_num_7.jpg',
      'MT_Crack/Imgs/exp1_num_7.png',
      'MT_Crack/Imgs/exp1_num_8.jpg',
      'MT_Crack/Imgs/exp1_num_9.png',
      'MT_Free/Imgs/photo.jpg',
      'MT_Free/Thumbs.db',
    ];
    const dataset = await openDataset(await drawn(goodPictures([whole, whole]), extra));
    expect(dataset.images.every((image) => image.path.endsWith('.jpg'))).toBe(true);
    const defective = dataset.images.filter((image) => !isGood(image));
    expect(defective).toEqual([
      {
        path: join(dataset.root, 'MT_Crack', 'Imgs', 'exp1_num_7.jpg'),
        label: 'defective',
        defectClass: 'crack',
        split: 'test',
        group: 'MT_Crack/Imgs/exp1_num_7.jpg',
        maskPath: join(dataset.root, 'MT_Crack', 'Imgs', 'exp1_num_7.png'),
      },
      expect.not.objectContaining({ maskPath: expect.anything() as unknown }),
    ]);
    expect(dataset.skipped.map(({ path, reason }) => `${basename(path)}: ${reason}`)).toEqual([
      expect.stringMatching(/^exp1_num_9\.png: a mask without its picture/),
      expect.stringMatching(/^photo\.jpg: its tile is unknown/),
      expect.stringMatching(/^Thumbs\.db: no image/),
    ]);
  });

  it('knows its parts itself', async () => {
    const root = await drawn(goodPictures([whole, whole]));
    const refused = openDataset(root, { groupPattern: /num/ });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/grouped by tile already; got \/num\/, leave --group out/);
  });
});

const tiles = resolve('..', 'shared', 'data', 'mt');

describe.skipIf(!existsSync(tiles))(
  'magnetic tiles, the real data set (skipped without ../shared/data/mt)',
  () => {
    it('splits by tile: 117 tiles train, 30 test, 22 incomplete, one twice', async () => {
      const { images, skipped, ...rest } = await openDataset(tiles);
      const dataset = { images, skipped, ...rest };
      const number = (split: string, label: string) =>
        images.filter((image) => image.split === split && image.label === label).length;
      expect([number('train', 'good'), number('test', 'good'), number('test', 'defective')]).toEqual([
        702, 180, 204,
      ]);
      expect(number('train', 'defective')).toBe(0);

      const train = groupsOf(dataset, 'train');
      const test = groupsOf(dataset, 'test');
      expect([train.length, test.length]).toEqual([117, 30]);
      expect(train.filter((group) => test.includes(group))).toEqual([]);
      expect(test.map((group) => Number(group.slice('tile-'.length)) % 5)).toEqual(Array<number>(30).fill(0));
      expect(test).toContain('tile-040');

      const incomplete = skipped.filter(({ reason }) => reason.includes('incomplete'));
      expect(incomplete.length).toBe(64);
      expect(new Set(incomplete.map(({ group }) => group)).size).toBe(22);
      const twins = skipped.filter(({ reason }) => reason.includes('tile 44 was photographed before'));
      expect(twins.map(({ path }) => basename(path))).toEqual([
        'exp1_num_65001.jpg',
        'exp2_num_65017.jpg',
        'exp3_num_65031.jpg',
        'exp4_num_65043.jpg',
        'exp5_num_65054.jpg',
        'exp6_num_65067.jpg',
      ]);
      expect(skipped.length).toBe(70);
      expect(images.every((image) => image.maskPath !== undefined)).toBe(true);
      // The largest number of a tile is 169: 170 tiles, counted from 0.
      expect([...train, ...test].sort().at(-1)).toBe('tile-169');
      const perClass = (name: string) => images.filter((image) => image.defectClass === name).length;
      expect(['blowhole', 'crack', 'fray'].map(perClass)).toEqual([115, 57, 32]);
    });

    it('at random: all 952 good pictures, a fifth of them test', async () => {
      const { images, skipped } = await openDataset(tiles, { split: 'random', seed: 1 });
      expect(images.filter(isGood).filter((image) => image.split === 'test').length).toBe(190);
      expect(images.filter(isGood).length).toBe(952);
      expect(skipped).toEqual([]);
    });
  },
);
