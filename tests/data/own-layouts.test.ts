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
    expect(skippedIn(dataset)).toEqual({
      'masks/9.png': 'a mask, by its name or folder, that belongs to no picture',
    });
    const truth = await opened(emptyFiles(['ok/0.png', 'ng/1.png', 'ground_truth/ng/1.png']));
    expect(rowsOf(truth)[0]).toBe('ng/1.png: defective ng test [ground_truth/ng/1.png]');
  });

  it('parts with a defect are test with all their pictures, and every fifth part is', async () => {
    const good = numbered(12, (i) => `good/p${i}_0.jpg`);
    const dataset = await opened(
      emptyFiles([...good, 'good/p001_1.jpg', 'bad/p001_2.jpg', 'bad/p002_1.jpg', 'bad/x99_0.jpg']),
      { groupPattern: /^(\w+?)_/ },
    );
    const tested = new Set(dataset.images.filter(isTest).map((image) => image.group));
    // p000, p005 and p010: every fifth of the parts with a good picture.
    expect([...tested].sort()).toEqual(['p000', 'p001', 'p002', 'p005', 'p010', 'x99']);
    const trained = dataset.images.filter((image) => !isTest(image));
    expect(trained.some((image) => tested.has(image.group))).toBe(false);
    expect(trained.length).toBe(7);
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

  it('where too few parts without a defect would be left, those that are not every fifth are learned from', async () => {
    const good = numbered(10, (i) => `good/p${i}.jpg`);
    // Without a defect: p000 and p005, which are every fifth.
    const bad = good.filter((_, i) => i % 5 > 0).map((name) => name.replace('good', 'bad'));
    const dataset = await opened(emptyFiles([...good, ...bad]), { groupPattern: /p\d+/ });
    expect(namesOf(dataset, isTest)).toEqual(['good/p000.jpg', 'good/p005.jpg']);
    expect(namesOf(dataset, (image) => !isTest(image)).length).toBe(8);
    expect(Object.keys(skippedIn(dataset))).toEqual(bad);
  });

  it('folders that say only pictures name no class', async () => {
    const dataset = await opened(
      emptyFiles(['good/Imgs/0.png', 'bad/images/1.png', 'bad/photos/Crack/2.png', 'bad/dent/Imgs/3.png']),
    );
    expect(dataset.images.map((image) => image.defectClass)).toEqual(['dent', 'bad', 'crack', 'good']);
  });
});

describe('a good folder alone', () => {
  const good = numbered(23, (i) => `good/${i}.jpg`);
  const tested = [0, 5, 10, 15, 20].map((i) => good[i]);

  it('is a plain folder, and stays divided as it is when defective pictures come', async () => {
    const alone = await opened(emptyFiles(good));
    expect(alone.layout).toBe('folder');
    expect(namesOf(alone, isTest)).toEqual(tested);
    for (const more of [['bad/000.jpg'], numbered(30, (i) => `bad/crack/${i}.jpg`)]) {
      const later = await opened(emptyFiles([...good, ...more, ...more.map((name) => `masks/${name}`)]));
      expect(later.layout).toBe('good-and-bad');
      expect(namesOf(later, (image) => isTest(image) && !isDefective(image))).toEqual(tested);
      expect(namesOf(later, (image) => !isTest(image))).toEqual(namesOf(alone, (image) => !isTest(image)));
    }
  });

  it('with parts, a defect moves its own part to the test and no other', async () => {
    const byPart = { groupPattern: /^(\d+)/ };
    const twice = good.flatMap((name) => [name, name.replace('.jpg', '_1.jpg')]);
    const partsIn = async (files: readonly string[]) => {
      const { images } = await opened(emptyFiles(files), byPart);
      return new Set(images.filter(isTest).map((image) => image.group));
    };
    const before = await partsIn(twice);
    expect([...before]).toEqual(['000', '005', '010', '015', '020']);
    expect(await partsIn([...twice, 'bad/001_2.jpg', 'bad/010_2.jpg'])).toEqual(new Set([...before, '001']));
  });

  it('with masks in it is read with them', async () => {
    const dataset = await opened(emptyFiles(['good/0.png', 'good/1.png', 'good/masks/1.png']));
    expect(rowsOf(dataset)).toEqual([
      'good/0.png: good good train',
      'good/1.png: good good train [good/masks/1.png]',
    ]);
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

  it('a class is the folder above one that says only pictures', async () => {
    const names = ['MT_Free/Imgs/1.jpg', 'MT_Crack/Imgs/2.jpg', 'MT_Fray/Photos/img/3.jpg', 'Imgs/4.jpg'];
    const classes = (good: string, defective: string) =>
      opened(emptyFiles(names), { good: [good], defective: [defective] }).then(({ images }) =>
        images.filter(isDefective).map((image) => image.defectClass),
      );
    expect(await classes('MT_Free/**', '{MT_C,MT_Fra,I}*/**')).toEqual(['defective', 'MT_Crack', 'MT_Fray']);
    expect(await classes('Imgs/*', 'MT_*/**')).toEqual(['MT_Crack', 'MT_Fray', 'MT_Free']);
  });

  it('a class is no folder that good pictures lie in, whatever lies between', async () => {
    const dataset = await opened(emptyFiles(['line/1.jpg', 'line/images/2.jpg']), {
      good: ['line/*.jpg'],
      defective: ['line/images/*'],
    });
    expect(dataset.images.filter(isDefective).map((image) => image.defectClass)).toEqual(['defective']);
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
