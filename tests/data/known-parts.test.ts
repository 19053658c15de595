import { describe, expect, it } from 'vitest';
import { knownSide, partKey, type KnownParts } from '#csflow/data/index.js';
import type { Dataset } from '#csflow/data/types.js';
import {
  drawnDatasets,
  emptyFiles,
  isDefective,
  isTest,
  namesOf,
  numbered,
  skippedIn,
} from './drawn-dataset.js';

const { opened } = await drawnDatasets();

const keys = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(partKey));

/** What a model remembers of a data set. */
const remembered = ({ images }: Dataset): KnownParts => {
  const groups = (split: string) => images.filter((image) => image.split === split).map(({ group }) => group);
  return { train: keys(groups('train')), test: keys(groups('test')) };
};

describe('parts that are known', () => {
  const old = numbered(100, (i) => `p${i}.png`);
  /** They sort before, between and behind the old ones. */
  const fresh = [
    ...numbered(7, (i) => `a${i}.png`),
    ...numbered(7, (i) => `p${i}x.png`),
    ...numbered(7, (i) => `z${i}.png`),
  ];

  it('keep their side where more photos have come, and every fifth of the new ones is test', async () => {
    const before = await opened(emptyFiles(old));
    const both = emptyFiles([...old, ...fresh]);
    const after = await opened(both, { known: remembered(before) });
    const tested = namesOf(before, isTest);
    expect(tested).toHaveLength(20);
    const isOld = (name: string) => old.includes(name);
    expect(namesOf(after, isTest).filter(isOld)).toEqual(tested);
    expect(namesOf(after, isTest).filter((name) => !isOld(name))).toEqual([
      'a004.png',
      'p002x.png',
      'z000.png',
      'z005.png',
    ]);
    expect(after.division).toMatch(
      /every fifth good picture by name is test; parts that the model knows keep/,
    );
    // Without what is known, the old ones move.
    expect(namesOf(await opened(both), isTest).filter(isOld)).not.toEqual(tested);
  });

  it('are divided as ever where none is known, and all train where a few photos are all new', async () => {
    const known = remembered(await opened(emptyFiles(old)));
    const names = numbered(20, (i) => `q${i}.png`);
    expect(namesOf(await opened(emptyFiles(names), { known }), isTest)).toEqual(
      namesOf(await opened(emptyFiles(names)), isTest),
    );
    expect(namesOf(await opened(emptyFiles(names.slice(0, 9)), { known }), isTest)).toEqual([]);
    const more = await opened(emptyFiles([...old, ...names.slice(0, 4)]), { known });
    expect(namesOf(more, isTest)).toHaveLength(20);
  });

  it('are known in a folder above too, but a defective picture of the name is not', async () => {
    const known = { train: keys(['1.png', '2.png']), test: keys(['3.png']) };
    expect(['good/1.png', 'x/good/3.png', '4.png'].map((part) => knownSide(part, known))).toEqual([
      'train',
      'test',
      undefined,
    ]);
    const above = await opened(emptyFiles(['good/1.png', 'good/2.png', 'good/3.png', 'bad/1.png']), {
      known,
    });
    expect(namesOf(above, isTest)).toEqual(['bad/1.png', 'good/3.png']);
  });

  it('leave a defective picture out where their part was learned from', async () => {
    const names = [...numbered(10, (i) => `good/p${i}_0.png`), 'bad/p001_1.png', 'bad/p002_1.png'];
    const known = { train: keys(['p001', 'p003']), test: keys(['p004']) };
    const dataset = await opened(emptyFiles(names), { groupPattern: /^(\w+?)_/, known });
    expect(Object.keys(skippedIn(dataset))).toEqual(['bad/p001_1.png']);
    expect(namesOf(dataset, isDefective)).toEqual(['bad/p002_1.png']);
    expect(namesOf(dataset, (image) => isTest(image) && !isDefective(image))).toEqual([
      'good/p002_0.png',
      'good/p004_0.png',
      'good/p007_0.png',
    ]);
  });

  it('keep their side in a random split, where others are drawn', async () => {
    const before = await opened(emptyFiles(old), { split: 'random', seed: 3 });
    const after = await opened(emptyFiles([...old, ...fresh]), {
      split: 'random',
      seed: 4,
      known: remembered(before),
    });
    expect(namesOf(after, isTest)).toEqual(expect.arrayContaining([...namesOf(before, isTest)]));
    expect(namesOf(after, isTest)).toHaveLength(20 + 4);
  });

  it('are let go where they would leave nothing to learn from, unless only test pictures are wanted', async () => {
    const known = { train: keys([]), test: keys(['1.png', '2.png']) };
    const files = emptyFiles(['1.png', '2.png']);
    expect(namesOf(await opened(files, { known }), isTest)).toEqual([]);
    expect(namesOf(await opened(files, { known, needsTraining: false }), isTest)).toEqual(['1.png', '2.png']);
  });

  it('change nothing where the data has a split of its own', async () => {
    const names = ['train/good/1.png', 'train/good/2.png', 'test/good/3.png', 'test/crack/4.png'];
    const dataset = await opened(emptyFiles(names), {
      known: { train: keys(['3.png']), test: keys(['1.png']) },
    });
    expect(namesOf(dataset, isTest)).toEqual(['test/crack/4.png', 'test/good/3.png']);
    expect(dataset.divided).toBe(false);
  });
});
