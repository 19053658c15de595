import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeMask } from '#csflow/data/decode.js';
import { openDataset } from '#csflow/data/layouts/open-dataset.js';
import { UsageError } from '#csflow/errors.js';
import {
  drawnDatasets,
  emptyFiles,
  greyPng,
  isDefective,
  isTest,
  labelBmp,
  nameIn,
  namesOf,
  numbered,
  rowsOf,
  skippedIn,
} from './drawn-dataset.js';

const { drawn, opened } = await drawnDatasets();

describe('BTAD', () => {
  const files = emptyFiles([
    'train/ok/0000.bmp',
    'train/ok/0001.bmp',
    'train/ko/0009.bmp',
    'test/ok/0000.bmp',
    'test/ko/0000.bmp',
    'test/ko/0001.bmp',
    'ground_truth/ko/0000.png',
    'ground_truth/ko/0001.bmp',
    'ground_truth/ko/0002.png',
  ]);

  it('reads ok and ko; masks are PNG or BMP', async () => {
    const dataset = await opened(files);
    expect(dataset.layout).toBe('btad');
    expect(rowsOf(dataset)).toEqual([
      'test/ko/0000.bmp: defective ko test [ground_truth/ko/0000.png]',
      'test/ko/0001.bmp: defective ko test [ground_truth/ko/0001.bmp]',
      'test/ok/0000.bmp: good good test',
      'train/ok/0000.bmp: good good train',
      'train/ok/0001.bmp: good good train',
    ]);
    expect(skippedIn(dataset)).toEqual({
      'ground_truth/ko/0002.png': expect.stringContaining('belongs to no picture') as string,
      'train/ko/0009.bmp': expect.stringContaining('not in train/ok') as string,
    });
  });

  it('reads folders in any case', async () => {
    const dataset = await opened(
      emptyFiles(['Train/OK/0.bmp', 'Test/OK/1.bmp', 'Test/KO/2.bmp', 'GROUND_TRUTH/ko/2.PNG']),
    );
    expect(rowsOf(dataset)).toEqual([
      'Test/KO/2.bmp: defective KO test [GROUND_TRUTH/ko/2.PNG]',
      'Test/OK/1.bmp: good good test',
      'Train/OK/0.bmp: good good train',
    ]);
  });

  it('several products in one folder are named', async () => {
    const products = emptyFiles(['01/train/ok/0.bmp', '02/train/ok/0.png', '03/train/ok/0.bmp']);
    await expect(opened(products)).rejects.toThrow(/in the folders 01, 02, 03: name one/);
  });
});

describe('MPDD', () => {
  it('lies like MVTec AD', async () => {
    const dataset = await opened(
      emptyFiles([
        'train/good/000.png',
        'test/good/000.png',
        'test/parts_mismatch/003.png',
        'ground_truth/parts_mismatch/003_mask.png',
      ]),
    );
    expect(dataset.layout).toBe('mvtec');
    expect(rowsOf(dataset)).toEqual([
      'test/good/000.png: good good test',
      'test/parts_mismatch/003.png: defective parts_mismatch test [ground_truth/parts_mismatch/003_mask.png]',
      'train/good/000.png: good good train',
    ]);
  });
});

describe('VisA', () => {
  const table = [
    'object,split,label,image,mask',
    'candle,train,normal,candle/Data/Images/Normal/0000.JPG,',
    'candle,test,normal,candle/Data/Images/Normal/0001.JPG,',
    'candle,test,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png',
    'candle,test,anomaly,candle/Data/Images/Anomaly/001.JPG,candle/Data/Masks/Anomaly/001.png',
    'capsules,train,normal,capsules/Data/Images/Normal/0001.JPG,',
  ];
  const classes = [
    'image,label,mask',
    'candle/Data/Images/Normal/0000.JPG,normal,',
    'candle/Data/Images/Anomaly/000.JPG,Chunk of wax missing,candle/Data/Masks/Anomaly/000.png',
    'candle/Data/Images/Anomaly/001.JPG,"weird candle wick,other",candle/Data/Masks/Anomaly/001.png',
  ];
  const candle = async (prefix = 'candle/') => ({
    ...Object.fromEntries(
      ['Normal/0000', 'Normal/0001', 'Normal/0002', 'Anomaly/000', 'Anomaly/001'].map((name) => [
        `${prefix}Data/Images/${name}.JPG`,
        true as const,
      ]),
    ),
    [`${prefix}Data/Masks/Anomaly/000.png`]: await greyPng(3, 1, [0, 1, 8]),
    [`${prefix}Data/Masks/Anomaly/001.png`]: await greyPng(3, 1, [0, 0, 0]),
  });
  const expected = (prefix: string, first: string, second: string) => [
    `${prefix}Data/Images/Anomaly/000.JPG: defective ${first} test [${prefix}Data/Masks/Anomaly/000.png]`,
    `${prefix}Data/Images/Anomaly/001.JPG: defective ${second} test [${prefix}Data/Masks/Anomaly/001.png]`,
    `${prefix}Data/Images/Normal/0000.JPG: good good train`,
    `${prefix}Data/Images/Normal/0001.JPG: good good test`,
  ];

  it('a category: the split lies beside it; any value but 0 in a mask is defective', async () => {
    const root = await drawn({ ...(await candle()), 'split_csv/1cls.csv': table.join('\n') });
    const dataset = await openDataset(join(root, 'candle'));
    expect(dataset.layout).toBe('visa');
    expect(rowsOf(dataset)).toEqual(expected('', 'anomaly', 'anomaly'));
    expect(dataset.division).toBe('as split_csv/1cls.csv says');
    expect(skippedIn(dataset)).toEqual({
      'Data/Images/Normal/0002.JPG': 'not named in split_csv/1cls.csv',
    });
    const [{ maskPath, maskValues }] = dataset.images;
    expect([...(await decodeMask(maskPath!, undefined, maskValues)).data]).toEqual([0, 1, 1]);
  });

  it('the whole folder with one category; classes of defects by image_anno.csv', async () => {
    const dataset = await opened({
      ...(await candle()),
      'candle/image_anno.csv': classes.join('\r\n'),
      'split_csv/1cls.csv': table.join('\r\n'),
    });
    expect(rowsOf(dataset)).toEqual(expected('candle/', 'chunk of wax missing', 'combined'));
    expect(skippedIn(dataset)).toEqual({
      'candle/Data/Images/Normal/0002.JPG': 'not named in split_csv/1cls.csv',
    });
  });

  it('several categories are named', async () => {
    const files = { ...(await candle()), ...(await candle('pcb1/')), 'split_csv/1cls.csv': table.join('\n') };
    await expect(opened(files)).rejects.toThrow(/in the folders candle, pcb1: name one/);
  });

  it('says what the table names and is not there, and which of its lines are wrong', async () => {
    const more = [...table, 'candle,train,normal,candle/Data/Images/Normal/0999.JPG,'];
    const root = await drawn({ ...(await candle()), 'split_csv/1cls.csv': more.join('\n') });
    const dataset = await openDataset(join(root, 'candle'));
    expect(skippedIn(dataset)['Data/Images/Normal/0999.JPG']).toMatch(/named in .*, but not there/);
    const wrong = [...table, 'candle,training,normal,candle/Data/Images/Normal/0002.JPG,'];
    await expect(opened({ ...(await candle()), 'split_csv/1cls.csv': wrong.join('\n') })).rejects.toThrow(
      /1cls\.csv: 1 line cannot be used[^]*line 7: split: expected train or test/,
    );
  });

  it('without a table, or one that has nothing of it, every fifth good picture by name is test', async () => {
    const normal = emptyFiles(numbered(12, (i) => `Data/Images/Normal/${i}.JPG`));
    const dataset = await opened({ ...normal, 'Data/Images/Anomaly/000.JPG': true });
    expect(namesOf(dataset, isTest)).toEqual([
      'Data/Images/Anomaly/000.JPG',
      'Data/Images/Normal/000.JPG',
      'Data/Images/Normal/005.JPG',
      'Data/Images/Normal/010.JPG',
    ]);
    expect(dataset.division).toMatch(/every fifth good picture by name is test.*has nothing of set-/);
  });

  it('reads folders in any case', async () => {
    const dataset = await opened(
      emptyFiles(['data/images/normal/0.jpg', 'data/images/Anomaly/1.jpg', 'data/Masks/anomaly/1.png']),
    );
    expect(rowsOf(dataset)).toEqual([
      'data/images/Anomaly/1.jpg: defective anomaly test [data/Masks/anomaly/1.png]',
      'data/images/normal/0.jpg: good good train',
    ]);
  });

  it('a training picture of a tested part is left out', async () => {
    const root = await drawn({ ...(await candle()), 'split_csv/1cls.csv': table.join('\n') });
    const options = { groupPattern: /(0)\d+\.JPG/, needsTraining: false };
    const dataset = await openDataset(join(root, 'candle'), options);
    expect(namesOf(dataset, (image) => !isTest(image))).toEqual([]);
    expect(skippedIn(dataset)['Data/Images/Normal/0000.JPG']).toMatch(/part "0" is in the test set too/);
  });
});

describe('KolektorSDD', () => {
  /** Six parts of two pictures; the second one of kos02, kos03 and kos06 is defective. */
  const parts = ['kos01', 'kos02', 'kos03', 'kos04', 'kos05', 'kos06'];
  const files: Record<string, Buffer | true> = {};
  for (const part of parts) {
    for (const n of [0, 1]) {
      files[`${part}/Part${n}.jpg`] = true;
      files[`${part}/Part${n}_label.bmp`] = labelBmp(n === 1 && ['kos02', 'kos03', 'kos06'].includes(part));
    }
  }

  it('tells by the masks what is defective and splits by part', async () => {
    const dataset = await opened(files);
    expect(dataset.layout).toBe('kolektorsdd');
    const picture = (part: string, n: number, what: string) =>
      `${part}/Part${n}.jpg: ${what} of ${part} [${part}/Part${n}_label.bmp]`;
    expect(rowsOf(dataset)).toEqual([
      picture('kos01', 0, 'good good test'),
      picture('kos01', 1, 'good good test'),
      picture('kos02', 0, 'good good train'),
      picture('kos03', 0, 'good good train'),
      picture('kos04', 0, 'good good train'),
      picture('kos04', 1, 'good good train'),
      picture('kos05', 0, 'good good train'),
      picture('kos05', 1, 'good good train'),
      picture('kos06', 0, 'good good test'),
      picture('kos06', 1, 'defective defect test'),
    ]);
    expect(Object.entries(skippedIn(dataset))).toEqual([
      ['kos02/Part1.jpg', expect.stringContaining('its part is in training') as string],
      ['kos03/Part1.jpg', expect.stringContaining('its part is in training') as string],
    ]);
  });

  it('at random, parts do not count', async () => {
    const dataset = await opened(files, { split: 'random' });
    expect(dataset.images.length).toBe(12);
    expect(namesOf(dataset, isDefective).length).toBe(3);
    expect(namesOf(dataset, (image) => !isDefective(image) && isTest(image)).length).toBe(2);
    expect(dataset.skipped).toEqual([]);
  });

  it('a picture whose mask is missing or damaged is left out, with the reason', async () => {
    const names = Object.entries(files).filter(([name]) => name !== 'kos05/Part1_label.bmp');
    const damaged = { 'kos04/Part0_label.bmp': 'BM', 'kos04/Part9_label.bmp': labelBmp(false) };
    const skipped = skippedIn(await opened({ ...Object.fromEntries(names), ...damaged }));
    expect(skipped['kos04/Part0.jpg']).toMatch(/its mask cannot be read: .*Part0_label\.bmp/);
    expect(skipped['kos05/Part1.jpg']).toMatch(/its mask .* is missing/);
    expect(skipped['kos04/Part9_label.bmp']).toMatch(/a mask without its picture/);
  });

  it('knows its parts itself', async () => {
    const refused = opened(files, { groupPattern: /kos/ });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      /^group: expected no pattern, for KolektorSDD is grouped by its folders already; got \/kos\/, leave --group/,
    );
  });

  const real = resolve('..', 'shared', 'data', 'ksdd');
  it.skipIf(!existsSync(real))('the real pictures (skipped without ../shared/data/ksdd)', async () => {
    const dataset = await openDataset(real);
    const number = (split: string, label: string) =>
      dataset.images.filter((image) => image.split === split && image.label === label).length;
    expect([number('train', 'good'), number('test', 'good'), number('test', 'defective')]).toEqual([
      56, 14, 2,
    ]);
    expect(new Set(dataset.images.filter(isTest).map((image) => image.group))).toEqual(
      new Set(['kos02', 'kos07']),
    );
    expect(dataset.skipped.length).toBe(8);
    expect(
      dataset.images
        .map((image) => nameIn(dataset, image.maskPath!))
        .every((name) => name.endsWith('_label.bmp')),
    ).toBe(true);
  });
});
