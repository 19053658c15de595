import { describe, expect, it } from 'vitest';
import { patternsLayout } from '#csflow/data/layouts/patterns.js';
import { treeOf } from '#csflow/data/layouts/file-tree.js';
import { labelNamed } from '#csflow/data/layouts/label-names.js';
import { UsageError } from '#csflow/errors.js';
import {
  drawnDatasets,
  emptyFiles,
  isDefective,
  isTest,
  namesOf,
  numbered,
  rowsOf,
  skippedIn,
} from './drawn-dataset.js';

const { opened } = await drawnDatasets();

describe('the usual words for good and defective', () => {
  it.each(['good', 'OK', 'Normal', 'i.O.', 'pass'])('%s is good', (name) => {
    expect(labelNamed(name)).toBe('good');
  });
  it.each(['bad', 'NG', 'KO', 'n.i.O.', 'not_ok', 'Abnormal', 'defects', 'Anomaly'])(
    '%s is defective',
    (name) => {
      expect(labelNamed(name)).toBe('defective');
    },
  );
  it.each(['okapi', 'train', 'crack', ''])('"%s" is neither', (name) => {
    expect(labelNamed(name)).toBeUndefined();
  });
});

describe('good and bad folders', () => {
  it('folders in bad are classes; every fifth good picture by name and every bad one is test', async () => {
    const dataset = await opened(
      emptyFiles([
        ...numbered(11, (i) => `good/${i}.jpg`),
        'bad/Crack/a.jpg',
        'bad/deep/inside/b.jpg',
        'bad/c.jpg',
        'unsorted/d.jpg',
        'e.jpg',
        'bad/notes.txt',
      ]),
    );
    expect(dataset.layout).toBe('good-and-bad');
    expect(rowsOf(dataset).filter((row) => row.startsWith('bad'))).toEqual([
      'bad/Crack/a.jpg: defective crack test',
      'bad/c.jpg: defective bad test',
      'bad/deep/inside/b.jpg: defective deep test',
    ]);
    expect(namesOf(dataset, (image) => isTest(image) && !isDefective(image))).toEqual([
      'good/000.jpg',
      'good/005.jpg',
      'good/010.jpg',
    ]);
    expect(skippedIn(dataset)).toEqual({
      'bad/notes.txt': 'no image, by its extension',
      'e.jpg': expect.stringContaining('not in a place known') as string,
      'unsorted/d.jpg': 'in unsorted/, which says neither good nor bad',
    });
  });

  it.each([
    ['OK', 'NG'],
    ['normal', 'abnormal'],
    ['ok', 'KO'],
    ['i.O.', 'n.i.O.'],
  ])('%s and %s', async (good, bad) => {
    const dataset = await opened(emptyFiles([`${good}/0.png`, `${bad}/0.png`]));
    expect([...rowsOf(dataset)].sort()).toEqual(
      [`${bad}/0.png: defective ${bad.toLowerCase()} test`, `${good}/0.png: good good train`].sort(),
    );
  });

  it('finds masks in masks/ or ground_truth/ and beside the picture', async () => {
    const dataset = await opened(
      emptyFiles([
        'good/0.png',
        'bad/crack/1.jpg',
        'bad/crack/2.jpg',
        'bad/3.jpg',
        'bad/4.jpg',
        'bad/4_mask.png',
        'bad/5.jpg',
        'masks/bad/crack/1.png',
        'masks/crack/2_mask.png',
        'masks/3.bmp',
        'masks/9.png',
      ]),
    );
    expect(rowsOf(dataset).filter((row) => row.includes('defective'))).toEqual([
      'bad/3.jpg: defective bad test [masks/3.bmp]',
      'bad/4.jpg: defective bad test [bad/4_mask.png]',
      'bad/5.jpg: defective bad test',
      'bad/crack/1.jpg: defective crack test [masks/bad/crack/1.png]',
      'bad/crack/2.jpg: defective crack test [masks/crack/2_mask.png]',
    ]);
    expect(skippedIn(dataset)).toEqual({ 'masks/9.png': 'a mask that belongs to no picture' });
    const truth = await opened(emptyFiles(['ok/0.png', 'ng/1.png', 'ground_truth/ng/1.png']));
    expect(rowsOf(truth)[0]).toBe('ng/1.png: defective ng test [ground_truth/ng/1.png]');
  });

  it('a mask that two pictures could own is nobody’s', async () => {
    const dataset = await opened(emptyFiles(['good/0.png', 'bad/a/1.jpg', 'bad/b/1.jpg', 'masks/1.png']));
    expect(dataset.images.some((image) => image.maskPath !== undefined)).toBe(false);
    expect(skippedIn(dataset)['masks/1.png']).toMatch(/could belong to 2 pictures, such as bad\/a\/1\.jpg/);
  });

  it('parts with a defect are test with all their pictures; of the others every fifth is', async () => {
    const good = numbered(12, (i) => `good/p${i}_0.jpg`);
    const dataset = await opened(
      emptyFiles([...good, 'good/p001_1.jpg', 'bad/p001_2.jpg', 'bad/p002_1.jpg', 'bad/x99_0.jpg']),
      { groupPattern: /^(\w+?)_/ },
    );
    const tested = new Set(dataset.images.filter(isTest).map((image) => image.group));
    // p000 and p007: the first and the sixth of the parts without a defect.
    expect([...tested].sort()).toEqual(['p000', 'p001', 'p002', 'p007', 'x99']);
    const trained = dataset.images.filter((image) => !isTest(image));
    expect(trained.some((image) => tested.has(image.group))).toBe(false);
    expect(trained.length).toBe(8);
    expect(dataset.skipped).toEqual([]);
    expect(dataset.division).toMatch(
      /every fifth good part by name is test, and so is every part with a defective/,
    );
  });

  it('where every part has a defect, every fifth part is test and the defects of the others are left out', async () => {
    const names = numbered(10, (i) => `p${i}.jpg`);
    const dataset = await opened(emptyFiles(names.flatMap((name) => [`good/${name}`, `bad/${name}`])), {
      groupPattern: /p\d+/,
    });
    expect(namesOf(dataset, isTest)).toEqual([
      'bad/p000.jpg',
      'bad/p005.jpg',
      'good/p000.jpg',
      'good/p005.jpg',
    ]);
    expect(namesOf(dataset, (image) => !isTest(image)).length).toBe(8);
    expect(Object.keys(skippedIn(dataset)).length).toBe(8);
  });

  it('only a good folder is a plain folder', async () => {
    expect((await opened(emptyFiles(['good/0.png', 'good/1.png']))).layout).toBe('folder');
  });
});

describe('patterns of good and defective images', () => {
  const files = emptyFiles([
    ...numbered(5, (i) => `2024/ok/${i}.jpg`),
    '2024/ok/001_mask.png',
    '2024/scratch/a.jpg',
    '2024/scratch/a_mask.png',
    '2024/dent/b.png',
    '2024/ok/bad_c.jpg',
    '2025/ok/000.jpg',
    'elsewhere/x.jpg',
  ]);

  it('braces, globstars, several patterns; classes by folder; masks are no pictures', async () => {
    const dataset = await opened(files, {
      good: ['**/ok/[0-9]*.jpg'],
      defective: ['2024/{scratch,dent}/*', '**/bad_*.jpg'],
    });
    expect(dataset.layout).toBe('patterns');
    expect(rowsOf(dataset)).toEqual(
      [
        ...numbered(5, (i) =>
          i === '001'
            ? `2024/ok/${i}.jpg: good good train [2024/ok/001_mask.png]`
            : `2024/ok/${i}.jpg: good good train`,
        ),
        '2025/ok/000.jpg: good good train',
        '2024/dent/b.png: defective dent test',
        '2024/ok/bad_c.jpg: defective defective test',
        '2024/scratch/a.jpg: defective scratch test [2024/scratch/a_mask.png]',
      ].sort(),
    );
    expect(skippedIn(dataset)).toEqual({
      'elsewhere/x.jpg': 'no pattern of good or defective images takes it in',
    });
  });

  it('takes paths as they are on Windows, and absolute ones', () => {
    const tree = treeOf('C:\\data\\photos', ['ok/a.jpg', 'ok/deep/b.jpg', 'ng/c.jpg']);
    for (const good of ['ok\\**\\*.jpg', '.\\ok\\**', 'C:\\data\\photos\\ok\\**']) {
      const { images } = patternsLayout({ good: [good], defective: [] }, true).read(tree, {
        kind: 'group',
      }) as {
        images: readonly { file: string }[];
      };
      expect(
        images.map(({ file }) => file),
        good,
      ).toEqual(['ok/a.jpg', 'ok/deep/b.jpg']);
    }
  });

  it('a pattern that takes in nothing, and a picture that is both', async () => {
    await expect(opened(files, { good: ['*.jpg'] })).rejects.toThrow(
      /good: the pattern \*\.jpg takes in no image below .*such as 2024\/dent\/b\.png; put it in quotes/,
    );
    await expect(opened(files, { good: ['**/*.jpg'], defective: ['2024/scratch/*'] })).rejects.toThrow(
      /2024\/scratch\/a\.jpg is both good and defective/,
    );
    expect(() => patternsLayout({ good: [], defective: [] })).toThrow(UsageError);
  });

  it('only defective ones: nothing to learn from, but enough for a test', async () => {
    const defective = ['2024/dent/*'];
    await expect(opened(files, { defective })).rejects.toThrow(/no good training image/);
    expect((await opened(files, { defective, needsTraining: false })).images.length).toBe(1);
  });
});
