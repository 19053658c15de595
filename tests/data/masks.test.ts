import { describe, expect, it } from 'vitest';
import { usualWords } from '#csflow/data/layouts/label-names.js';
import {
  drawnDatasets,
  emptyFiles,
  isDefective,
  namesOf,
  numbered,
  rowsOf,
  skippedIn,
} from './drawn-dataset.js';

const { opened } = await drawnDatasets();

const byPatterns = { good: ['good/**'], defective: ['bad/**'] };
/** Read by the names of the folders, and by patterns that take in everything. */
const ways = [
  ['good and bad folders', {}],
  ['patterns', byPatterns],
] as const;
const noPicture = 'a mask, by its name or folder, that belongs to no picture';

describe.each(ways)('masks in %s', (_, options) => {
  it('lie in folders at any depth, or beside the picture', async () => {
    const dataset = await opened(
      emptyFiles([
        'good/0.png',
        'good/1.png',
        'good/1_mask.png',
        'bad/1.png',
        'bad/masks/1.png',
        'bad/crack/2.jpg',
        'bad/crack/ground_truth/2_mask.png',
        'bad/dent/3.png',
        'bad/Masks/dent/3.bmp',
        'bad/dent/4.png',
        'bad/dent/4_GT.png',
        'bad/dent/5.png',
        'ground_truth/dent/5.png',
      ]),
      options,
    );
    expect(rowsOf(dataset).map((row) => row.replace(/: .* (?=\[)|: .*/, ': '))).toEqual([
      'bad/1.png: [bad/masks/1.png]',
      'bad/crack/2.jpg: [bad/crack/ground_truth/2_mask.png]',
      'bad/dent/3.png: [bad/Masks/dent/3.bmp]',
      'bad/dent/4.png: [bad/dent/4_GT.png]',
      'bad/dent/5.png: [ground_truth/dent/5.png]',
      'good/0.png: ',
      'good/1.png: [good/1_mask.png]',
    ]);
    expect(dataset.skipped).toEqual([]);
  });

  it('are never pictures, though theirs is missing', async () => {
    const dataset = await opened(
      emptyFiles([
        'good/0.png',
        'good/9_mask.png',
        'good/masks/8.png',
        'good/deep/7_label.png',
        'bad/1.png',
        'bad/9_gt.png',
        'bad/Ground Truth/6.png',
        'bad/crack/labels/5.png',
      ]),
      options,
    );
    expect(namesOf(dataset, () => true)).toEqual(['bad/1.png', 'good/0.png']);
    expect(Object.values(skippedIn(dataset))).toEqual(Array<string>(6).fill(noPicture));
  });

  it('of two masks of a picture one is taken and the other named', async () => {
    const dataset = await opened(
      emptyFiles(['good/0.png', 'bad/1.png', 'bad/1_label.png', 'bad/1_mask.png', 'masks/bad/1.png']),
      options,
    );
    expect(rowsOf(dataset)).toEqual([
      'bad/1.png: defective bad test [bad/1_label.png]',
      'good/0.png: good good train',
    ]);
    const reason = 'a mask of bad/1.png, which has another one';
    expect(skippedIn(dataset)).toEqual({ 'bad/1_mask.png': reason, 'masks/bad/1.png': reason });
  });

  it('belong to the defective picture where a good one has the same number', async () => {
    const names = numbered(3, (i) => `${i}.png`);
    const dataset = await opened(
      emptyFiles(names.flatMap((name) => [`good/${name}`, `bad/${name}`, `masks/${name}`])),
      options,
    );
    expect(rowsOf(dataset)).toEqual([
      ...names.map((name) => `bad/${name}: defective bad test [masks/${name}]`),
      ...names.map((name) => `good/${name}: good good train`),
    ]);
    expect(dataset.skipped).toEqual([]);
  });

  it('that two defective pictures could own are nobody’s', async () => {
    const dataset = await opened(
      emptyFiles(['good/1.png', 'bad/a/1.jpg', 'bad/b/1.jpg', 'masks/1.png']),
      options,
    );
    expect(dataset.images.some((image) => image.maskPath !== undefined)).toBe(false);
    expect(skippedIn(dataset)['masks/1.png']).toMatch(/could belong to 2 pictures, such as bad\/a\/1\.jpg/);
  });
});

describe('names of masks', () => {
  it.each(usualWords.masks)('a folder %s holds them', async (word) => {
    const dataset = await opened(emptyFiles(['good/0.png', 'bad/1.png', `bad/${word}/1.png`]));
    expect(namesOf(dataset, isDefective)).toEqual(['bad/1.png']);
    expect(rowsOf(dataset)[0]).toContain(`[bad/${word}/1.png]`);
  });

  it('a pattern that takes in nothing else is refused', async () => {
    const files = emptyFiles(['good/front_label.png', 'good/back_label.png', 'good/side.png']);
    await expect(opened(files, { good: ['good/*_label.png'] })).rejects.toThrow(
      /good: the pattern good\/\*_label\.png takes in masks only, .* such as good\/back_label\.png; .*manifest/,
    );
    expect(namesOf(await opened(files, { good: ['good/*'] }), () => true)).toEqual(['good/side.png']);
  });

  it('a manifest may call them pictures', async () => {
    const files = emptyFiles(['front_label.png', 'side.png']);
    const dataset = await opened({
      ...files,
      'manifest.csv': 'path,label\nfront_label.png,good\nside.png,good\n',
    });
    expect(dataset.images.length).toBe(2);
  });
});
