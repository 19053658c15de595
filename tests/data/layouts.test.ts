import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usualWords } from '#csflow/data/layouts/label-names.js';
import { openDataset, type OpenDatasetOptions } from '#csflow/data/layouts/open-dataset.js';
import type { Dataset, DatasetImage } from '#csflow/data/types.js';
import { UsageError, UserError } from '#csflow/errors.js';
import { temporaryFolder, writeFiles } from './temporary-folder.js';

const folder = await temporaryFolder();
let count = 0;

async function drawn(files: readonly string[]): Promise<string> {
  const root = join(folder, `set-${count++}`);
  await mkdir(root);
  await writeFiles(root, files);
  return root;
}

async function opened(files: readonly string[], options?: OpenDatasetOptions): Promise<Dataset> {
  return openDataset(await drawn(files), options);
}

const nameIn = (dataset: Dataset, path: string) => relative(dataset.root, path).split(sep).join('/');
const namesOf = (dataset: Dataset, which: (image: DatasetImage) => boolean) =>
  dataset.images.filter(which).map((image) => nameIn(dataset, image.path));
const skippedIn = (dataset: Dataset) =>
  Object.fromEntries(dataset.skipped.map(({ path, reason }) => [nameIn(dataset, path), reason]));
const isTrain = (image: DatasetImage) => image.split === 'train';
const isTest = (image: DatasetImage) => image.split === 'test';
const numbered = (n: number, name: (i: string) => string) =>
  Array.from({ length: n }, (_, i) => name(String(i).padStart(3, '0')));

describe('MVTec AD', () => {
  const files = [
    ...numbered(3, (i) => `train/good/${i}.png`),
    'train/bad/000.png',
    'test/good/000.png',
    'test/crack/000.png',
    'test/crack/001.png',
    'test/scratch/000.png',
    'test/stray.png',
    'ground_truth/crack/000_mask.png',
    'ground_truth/crack/007_mask.png',
    'ground_truth/scratch/000_mask.png',
    'license.txt',
    'train/good/Thumbs.db',
    '.DS_Store',
  ];

  it('reads labels, classes, splits and masks', async () => {
    const dataset = await opened(files);
    expect(dataset.layout).toBe('mvtec');
    const rows = dataset.images.map(({ path, label, defectClass, split, maskPath }) => [
      nameIn(dataset, path),
      label,
      defectClass,
      split,
      maskPath && nameIn(dataset, maskPath),
    ]);
    expect(rows).toEqual([
      ['test/crack/000.png', 'defective', 'crack', 'test', 'ground_truth/crack/000_mask.png'],
      ['test/crack/001.png', 'defective', 'crack', 'test', undefined],
      ['test/good/000.png', 'good', 'good', 'test', undefined],
      ['test/scratch/000.png', 'defective', 'scratch', 'test', 'ground_truth/scratch/000_mask.png'],
      ['train/good/000.png', 'good', 'good', 'train', undefined],
      ['train/good/001.png', 'good', 'good', 'train', undefined],
      ['train/good/002.png', 'good', 'good', 'train', undefined],
    ]);
    expect(new Set(dataset.images.map((image) => image.group)).size).toBe(7);
    expect('maskPath' in dataset.images[1]).toBe(false);
  });

  it('reports every file it does not use, with the reason', async () => {
    const skipped = skippedIn(await opened(files));
    expect(skipped['ground_truth/crack/007_mask.png']).toMatch(/a mask that belongs to no picture/);
    expect(skipped['license.txt']).toMatch(/no image, by its extension/);
    expect(skipped['train/good/Thumbs.db']).toMatch(/no image, by its extension/);
    expect(skipped['train/bad/000.png']).toMatch(/training takes good images only/);
    expect(skipped['test/stray.png']).toMatch(/not in a place known/);
    expect(Object.keys(skipped).length).toBe(5);
  });

  it('reads folders in any case', async () => {
    const dataset = await opened([
      'Train/Good/000.png',
      'Train/Bad/000.png',
      'Test/GOOD/000.png',
      'Test/Crack/001.PNG',
      'Ground_Truth/crack/001_Mask.png',
      'Ground_Truth/crack/002_mask.png',
    ]);
    expect(
      dataset.images.map(({ path, defectClass, split, maskPath }) => [
        nameIn(dataset, path),
        defectClass,
        split,
        maskPath && nameIn(dataset, maskPath),
      ]),
    ).toEqual([
      ['Test/Crack/001.PNG', 'Crack', 'test', 'Ground_Truth/crack/001_Mask.png'],
      ['Test/GOOD/000.png', 'good', 'test', undefined],
      ['Train/Good/000.png', 'good', 'train', undefined],
    ]);
    expect(skippedIn(dataset)).toEqual({
      'Ground_Truth/crack/002_mask.png': expect.stringContaining('belongs to no picture') as string,
      'Train/Bad/000.png': expect.stringContaining('not in train/good') as string,
    });
  });

  it('leaves training images of a part that is tested out of training', async () => {
    const parts = ['train/good/p1_0.png', 'train/good/p2_0.png', 'test/good/p1_1.png', 'test/crack/p3_0.png'];
    const dataset = await opened(parts, { groupPattern: /^(p\d+)_/g });
    expect(namesOf(dataset, isTrain)).toEqual(['train/good/p2_0.png']);
    expect(skippedIn(dataset)).toEqual({
      'train/good/p1_0.png': expect.stringContaining('part "p1" is in test/ too') as string,
    });
  });

  it('at random: a fifth of all good images is test, by the seed', async () => {
    const many = [
      ...numbered(8, (i) => `train/good/${i}.png`),
      'test/good/a.png',
      'test/good/b.png',
      'test/crack/0.png',
    ];
    const root = await drawn(many);
    const sets = await Promise.all(
      [0, 0, 1, 2, 3].map((seed) => openDataset(root, { split: 'random', seed })),
    );
    for (const dataset of sets) {
      expect(namesOf(dataset, isTrain).length).toBe(8);
      expect(namesOf(dataset, isTest).length).toBe(3);
      expect(namesOf(dataset, (image) => image.label === 'defective')).toEqual(['test/crack/0.png']);
    }
    expect(sets[0]).toEqual(sets[1]);
    expect(new Set(sets.map((dataset) => namesOf(dataset, isTest).join())).size).toBeGreaterThan(2);
  });
});

describe('a plain folder', () => {
  it('takes every fifth image by name for the test, folders included, in code-unit order', async () => {
    const names = [
      'B.png',
      'a.png',
      'Z.JPG',
      'ä.png',
      'sub/1.bmp',
      'sub/10.tif',
      'sub/2.webp',
      'x.jpeg',
      'y.gif',
      '0.png',
    ];
    const dataset = await opened([...names, 'notes.txt']);
    expect(dataset.layout).toBe('folder');
    expect(namesOf(dataset, () => true)).toEqual([
      '0.png',
      'B.png',
      'Z.JPG',
      'a.png',
      'sub/1.bmp',
      'sub/10.tif',
      'sub/2.webp',
      'x.jpeg',
      'y.gif',
      'ä.png',
    ]);
    expect(namesOf(dataset, isTest)).toEqual(['0.png', 'sub/10.tif']);
    expect(dataset.images.every((image) => image.label === 'good')).toBe(true);
    expect(Object.keys(skippedIn(dataset))).toEqual(['notes.txt']);
  });

  it('trains on all of fewer than ten', async () => {
    expect(namesOf(await opened(numbered(9, (i) => `${i}.png`)), isTrain).length).toBe(9);
    expect(namesOf(await opened(['only.png']), isTrain)).toEqual(['only.png']);
  });

  it('keeps the pictures of a part together', async () => {
    const files = numbered(24, (i) => `part${Math.floor(Number(i) / 4)}_${i}.png`);
    const byName = await opened(files, { groupPattern: /part(\d)/ });
    expect([...new Set(byName.images.filter(isTest).map((image) => image.group))]).toEqual(['0', '5']);
    expect(namesOf(byName, isTest).length).toBe(8);
    const byFolder = await opened(
      numbered(12, (i) => `kos${i[2]}/${i}.png`),
      { groupPattern: /^kos\d\// },
    );
    expect(new Set(byFolder.images.filter(isTest).map((image) => image.group))).toEqual(
      new Set(['kos0/', 'kos5/']),
    );
    const oneFolder = await opened(
      numbered(12, (i) => `${i}.png`),
      { groupPattern: /0/ },
    );
    expect(namesOf(oneFolder, isTest)).toEqual([]);
  });

  it('names a picture in which the pattern finds no part', async () => {
    await expect(opened(['p1.png', 'q.png'], { groupPattern: /p\d/ })).rejects.toThrow(
      /\/p\\d\/: it does not match "q.png"/,
    );
    const random = opened(['p1.png'], { groupPattern: /p\d/, split: 'random' });
    await expect(random).rejects.toThrow(UsageError);
    await expect(random).rejects.toThrow(/^group: expected no pattern with --split random, .*leave --group/);
  });

  it('follows links to folders, reports dead ones and does not go round in circles', async () => {
    const root = await drawn(['a.png']);
    const other = await drawn(['b.png']);
    await symlink(other, join(root, 'linked'), 'junction');
    await symlink(root, join(root, 'circle'), 'junction');
    await symlink(join(root, 'nowhere'), join(root, 'dead.png'), 'junction');
    const dataset = await openDataset(root);
    expect(namesOf(dataset, () => true)).toEqual(['a.png', 'linked/b.png']);
    expect(skippedIn(dataset)).toEqual({
      circle: expect.stringContaining('a folder that it lies in') as string,
      'dead.png': expect.stringContaining('leads nowhere') as string,
    });
  });
});

describe('pictures that are not good ones keep a folder from being a plain one', () => {
  const words = [...usualWords.defective, ...usualWords.masks, 'n.i.O.', 'Ground_Truth', 'Not OK', 'test'];
  it.each(words)('in a folder %s', async (word) => {
    const refused = opened(['a.jpg', 'b.jpg', `line/${word}/c.jpg`]);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(`no plain folder of good images, for there is line/${word}/c.jpg`);
  });

  it.each(['a_mask.png', 'deep/a_Label.bmp', 'a_gt.png'])('called %s', async (name) => {
    await expect(opened(['b.jpg', name])).rejects.toThrow(
      `no plain folder of good images, for there is ${name}`,
    );
  });

  it.each(usualWords.good)('a folder %s does not', async (word) => {
    const dataset = await opened([`line/${word}/a.jpg`, `line/${word}/b.jpg`]);
    expect([dataset.layout, dataset.images.length]).toEqual(['folder', 2]);
  });
});

describe('folders that are refused, with what was expected and found', () => {
  const known =
    /MVTec AD: train\/good[^]*BTAD: train\/ok[^]*VisA, one category[^]*magnetic tiles: MT_[^]*KolektorSDD: kosNN[^]*good\/\* and bad[^]*a plain folder of good images[^]*a manifest/;

  it.each([
    ['an empty folder', [], /found no file at all/],
    ['no image', ['a.txt', 'b/c.csv'], /found 0 images and 2 other files in \., b/],
    [
      'defective pictures beside others',
      ['parts/0.png', 'bad/0.png'],
      /found 2 images and 0 other files in bad, parts[^]*say with --good and --defective/,
    ],
    ['labels beside pictures', ['a/0.jpg', 'a/0_label.bmp'], known],
    [
      'several data sets',
      ['bolt/train/good/0.png', 'nut/train/good/0.png'],
      /in the folders bolt, nut: name one/,
    ],
  ])('%s', async (_, files, message) => {
    const error: unknown = await opened(files).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).message).toMatch(known);
  });

  it('no such folder, a file', async () => {
    await expect(openDataset(join(folder, 'none'))).rejects.toThrow(/none: there is no such folder/);
    await writeFile(join(folder, 'file'), '');
    await expect(openDataset(join(folder, 'file'))).rejects.toThrow(/this is a file/);
  });

  it('no training image, unless none is needed', async () => {
    const root = await drawn(['test/good/0.png', 'test/crack/0.png']);
    await expect(openDataset(root)).rejects.toThrow(
      /MVTec AD.*no good training image, found 2 images.*say with --good and --defective .*csflow data says/,
    );
    await writeFile(join(root, 'list.csv'), 'path,label\ntest/crack/0.png,bad\n');
    await expect(openDataset(join(root, 'list.csv'))).rejects.toThrow(
      /no good training image, found 1 other images; name good images in it/,
    );
    expect((await openDataset(root, { needsTraining: false })).images.length).toBe(2);
  });
});
