import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countsByClass, maskCounts, sizesOf } from '#csflow/cli/data-counts.js';
import { inspectDataset } from '#csflow/data/inspection/inspect-dataset.js';
import { openDataset, type OpenDatasetOptions } from '#csflow/data/layouts/open-dataset.js';
import type { Layout } from '#csflow/data/types.js';
import { drawnDatasets, nameIn, numbered } from './drawn-dataset.js';
import { drawnSize, maskFile, pictureFile, type MaskContent } from './drawn-files.js';

const { drawn } = await drawnDatasets();

interface DrawnLayout {
  readonly name: string;
  readonly layout: Layout;
  readonly pictures: readonly string[];
  /** The mask of a picture and what is in it. */
  readonly masks?: Readonly<Record<string, readonly [mask: string, content: MaskContent]>>;
  readonly texts?: Readonly<Record<string, string>>;
  /** What is opened, below the folder; default: the folder. */
  readonly open?: string;
  readonly options?: OpenDatasetOptions;
  /** Pictures of each class in training and in the test. */
  readonly classes: Readonly<Record<string, readonly [training: number, test: number]>>;
}

const tile = (exposure: number, number: number) => `MT_Free/Imgs/exp${exposure}_num_${number}.jpg`;
const tiles = [1, 2].flatMap((nth) =>
  [0, 1, 2, 3, 4, 5].map((exposure) => tile(exposure, 6 * nth + exposure)),
);
const kolektor = [
  'kos01/Part0.jpg',
  'kos02/Part0.jpg',
  'kos03/Part0.jpg',
  'kos04/Part0.jpg',
  'kos05/Part0.jpg',
  'kos06/Part0.jpg',
  'kos06/Part1.jpg',
];
const emptyMasks = (pictures: readonly string[], maskOf: (picture: string) => string) =>
  Object.fromEntries(pictures.map((picture) => [picture, [maskOf(picture), 'empty'] as const]));
const listed = {
  pictures: ['a/1.png', 'a/2.jpg', 'a/3.png', 'a/4.bmp', 'b/5.png', 'b/6.png'],
  masks: { 'b/5.png': ['b/five.png', 'bright'], 'b/6.png': ['b/six.bmp', 'bright'] },
  classes: { good: [3, 1], dent: [0, 1], defective: [0, 1] },
} as const;

const layouts: readonly DrawnLayout[] = [
  {
    name: 'MVTec AD',
    layout: 'mvtec',
    pictures: [
      ...numbered(5, (i) => `train/good/${i}.png`),
      'test/good/000.png',
      'test/crack/000.png',
      'test/crack/001.png',
      'test/dent/000.png',
    ],
    masks: {
      'test/crack/000.png': ['ground_truth/crack/000_mask.png', 'bright'],
      'test/crack/001.png': ['ground_truth/crack/001_mask.png', 'bright'],
      'test/dent/000.png': ['ground_truth/dent/000_mask.png', 'bright'],
    },
    classes: { good: [5, 1], crack: [0, 2], dent: [0, 1] },
  },
  {
    name: 'MPDD',
    layout: 'mvtec',
    pictures: [
      ...numbered(4, (i) => `train/good/${i}.png`),
      'test/good/000.png',
      'test/parts_mismatch/003.png',
      'test/flattening/000.png',
    ],
    masks: {
      'test/parts_mismatch/003.png': ['ground_truth/parts_mismatch/003_mask.png', 'bright'],
      'test/flattening/000.png': ['ground_truth/flattening/000_mask.png', 'bright'],
    },
    classes: { good: [4, 1], flattening: [0, 1], parts_mismatch: [0, 1] },
  },
  {
    name: 'BTAD',
    layout: 'btad',
    pictures: [
      ...numbered(4, (i) => `train/ok/0${i}.bmp`),
      'test/ok/0000.bmp',
      'test/ko/0000.bmp',
      'test/ko/0001.bmp',
    ],
    masks: {
      'test/ko/0000.bmp': ['ground_truth/ko/0000.bmp', 'bright'],
      'test/ko/0001.bmp': ['ground_truth/ko/0001.png', 'bright'],
    },
    classes: { good: [4, 1], ko: [0, 2] },
  },
  {
    name: 'VisA',
    layout: 'visa',
    pictures: [
      ...numbered(4, (i) => `candle/Data/Images/Normal/0${i}.JPG`),
      'candle/Data/Images/Anomaly/000.JPG',
      'candle/Data/Images/Anomaly/001.JPG',
    ],
    masks: {
      'candle/Data/Images/Anomaly/000.JPG': ['candle/Data/Masks/Anomaly/000.png', 'classes'],
      'candle/Data/Images/Anomaly/001.JPG': ['candle/Data/Masks/Anomaly/001.png', 'classes'],
    },
    texts: {
      'split_csv/1cls.csv': [
        'object,split,label,image,mask',
        ...['train', 'train', 'train', 'test'].map(
          (split, i) => `candle,${split},normal,candle/Data/Images/Normal/000${i}.JPG,`,
        ),
        ...['000', '001'].map(
          (i) => `candle,test,anomaly,candle/Data/Images/Anomaly/${i}.JPG,candle/Data/Masks/Anomaly/${i}.png`,
        ),
      ].join('\n'),
      'candle/image_anno.csv':
        'image,label,mask\ncandle/Data/Images/Anomaly/000.JPG,wax missing,candle/Data/Masks/Anomaly/000.png\n',
    },
    classes: { good: [3, 1], anomaly: [0, 1], 'wax missing': [0, 1] },
  },
  {
    name: 'KolektorSDD',
    layout: 'kolektorsdd',
    pictures: kolektor,
    masks: {
      ...emptyMasks(kolektor, (picture) => picture.replace('.jpg', '_label.bmp')),
      'kos06/Part1.jpg': ['kos06/Part1_label.bmp', 'bright'],
    },
    classes: { good: [4, 2], defect: [0, 1] },
  },
  {
    name: 'magnetic tiles',
    layout: 'magnetic-tiles',
    pictures: [...tiles, 'MT_Crack/Imgs/exp1_num_80.jpg'],
    masks: {
      ...emptyMasks(tiles, (picture) => picture.replace('.jpg', '.png')),
      'MT_Crack/Imgs/exp1_num_80.jpg': ['MT_Crack/Imgs/exp1_num_80.png', 'bright'],
    },
    classes: { good: [6, 6], crack: [0, 1] },
  },
  {
    name: 'a plain folder',
    layout: 'folder',
    pictures: [
      ...numbered(6, (i) => `${i}.png`),
      'line/6.jpg',
      'line/7.bmp',
      'line/8.webp',
      'line/deep/9.tif',
    ],
    classes: { good: [8, 2] },
  },
  {
    name: 'a folder with good/ alone',
    layout: 'folder',
    pictures: numbered(10, (i) => `good/${i}.jpg`),
    classes: { good: [8, 2] },
  },
  {
    name: 'good/ and bad/',
    layout: 'good-and-bad',
    pictures: [...numbered(5, (i) => `good/${i}.png`), 'bad/000.png', 'bad/001.jpg', 'bad/Crack/000.png'],
    masks: {
      'bad/000.png': ['bad/000_mask.png', 'bright'],
      'bad/001.jpg': ['masks/001.bmp', 'bright'],
      'bad/Crack/000.png': ['bad/masks/Crack/000.png', 'bright'],
    },
    classes: { good: [5, 0], bad: [0, 2], crack: [0, 1] },
  },
  {
    name: '--good and --defective',
    layout: 'patterns',
    pictures: [...numbered(5, (i) => `2024/fine/${i}.jpg`), 'MT_Dent/Imgs/a.png', 'MT_Fray/Imgs/b.jpg'],
    masks: {
      'MT_Dent/Imgs/a.png': ['MT_Dent/Imgs/a_gt.png', 'bright'],
      'MT_Fray/Imgs/b.jpg': ['MT_Fray/labels/b.png', 'bright'],
    },
    options: { good: ['**/fine/*'], defective: ['MT_*/Imgs/*'] },
    classes: { good: [5, 0], MT_Dent: [0, 1], MT_Fray: [0, 1] },
  },
  {
    ...listed,
    name: 'a CSV manifest',
    layout: 'manifest',
    texts: {
      'list.csv':
        'path,label,split,class,mask\n' +
        'a/1.png,good,train,,\na/2.jpg,ok,train,,\na/3.png,good,train,,\na/4.bmp,good,test,,\n' +
        'b/5.png,ng,test,dent,b/five.png\nb/6.png,ng,test,,b/six.bmp\n',
    },
    open: 'list.csv',
  },
  {
    ...listed,
    name: 'a JSONL manifest in its folder',
    layout: 'manifest',
    texts: {
      'manifest.jsonl': [
        ...['1.png', '2.jpg', '3.png'].map((name) => ({ path: `a/${name}`, label: 'good', split: 'train' })),
        { path: 'a/4.bmp', label: 'good', split: 'test' },
        { path: 'b/5.png', label: 'bad', split: 'test', class: 'dent', mask: 'b/five.png' },
        { path: 'b/6.png', label: 'bad', split: 'test', mask: 'b/six.bmp' },
      ]
        .map((row) => JSON.stringify(row))
        .join('\n'),
    },
  },
];

describe.each(layouts)('$name, drawn and looked at', (of) => {
  const masks = Object.entries(of.masks ?? {});
  const draw = async () => {
    const files: Record<string, string | Buffer> = { ...of.texts };
    for (const [i, name] of of.pictures.entries()) files[name] = await pictureFile(name, 1 + i);
    for (const [, [name, content]] of masks) files[name] = await maskFile(name, content);
    return drawn(files);
  };

  it('every picture and mask is found and readable, and counted where it belongs', async () => {
    const root = await draw();
    const dataset = await openDataset(of.open === undefined ? root : join(root, of.open), of.options);
    expect(dataset.layout).toBe(of.layout);
    expect(dataset.skipped).toEqual([]);
    const counts = countsByClass(dataset.images).map(({ name, training, test }) => [name, [training, test]]);
    expect(Object.fromEntries(counts)).toEqual(of.classes);
    const masked = dataset.images.filter(({ maskPath }) => maskPath !== undefined);
    expect(
      Object.fromEntries(
        masked.map(({ path, maskPath }) => [nameIn(dataset, path), nameIn(dataset, maskPath!)]),
      ),
    ).toEqual(Object.fromEntries(masks.map(([picture, [mask]]) => [picture, mask])));

    const inspection = await inspectDataset(dataset);
    expect(inspection.unreadable).toEqual([]);
    expect(sizesOf(inspection)).toEqual([{ ...drawnSize, count: of.pictures.length }]);
    const defective = dataset.images.filter(({ label }) => label === 'defective').length;
    expect(maskCounts(inspection)).toEqual({
      defective,
      with_mask: defective,
      missing: 0,
      empty: 0,
      other_size: 0,
      unreadable: 0,
    });
    for (const { image, mask } of inspection.pictures) {
      const drawnMask = of.masks?.[nameIn(dataset, image.path)];
      const expected = drawnMask === undefined ? 'none' : drawnMask[1] === 'empty' ? 'empty' : 'filled';
      expect(mask.kind, image.path).toBe(expected);
    }
    expect(inspection.warnings).toEqual([]);
  });
});
