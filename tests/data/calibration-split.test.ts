import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCalibration, splitFolds } from '#csflow/data/calibration-split.js';
import type { DatasetImage } from '#csflow/data/types.js';
import { UserError } from '#csflow/errors.js';

function image(group: string, picture: number, changes: Partial<DatasetImage> = {}): DatasetImage {
  const path = `/set/${group}/${picture}.png`;
  return { path, label: 'good', defectClass: 'good', split: 'train', group, ...changes };
}

const groupsOf = (images: readonly DatasetImage[]) => [...new Set(images.map((one) => one.group))];

describe('the calibration split', () => {
  it('holds out round(fraction · groups) whole groups whatever the order of the images', () => {
    const sets = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 40 }),
      fraction: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      seed: fc.nat(),
      order: fc.infiniteStream(fc.nat(1000)),
    });
    fc.assert(
      fc.property(sets, ({ sizes, fraction, seed, order }) => {
        const images = sizes.flatMap((size, g) =>
          Array.from({ length: size }, (_, i) => image(`part-${g}`, i)),
        );
        const { training, calibration } = splitCalibration(images, { fraction, seed });
        expect([...training, ...calibration].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
          [...images].sort((a, b) => (a.path < b.path ? -1 : 1)),
        );
        const held = groupsOf(calibration);
        expect(groupsOf(training).filter((group) => held.includes(group))).toEqual([]);
        const wanted = Math.round(fraction * sizes.length);
        expect(held.length).toBe(Math.min(Math.max(wanted, 1), sizes.length - 1));

        const shuffled = images
          .map((one) => ({ one, key: order.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(splitCalibration(shuffled, { fraction, seed })).toEqual({ training, calibration });
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('draws the first groups of numpy’s shuffle by the seed', () => {
    const images = Array.from({ length: 10 }, (_, g) => image(`part-${g}`, 0));
    // np.random.permutation(10) after seed(0): 2 8 4 9 1 6 7 3 0 5; after seed(1): 2 9 6 4 0 3 1 7 8 5.
    const { calibration } = splitCalibration(images, { fraction: 0.2, seed: 0 });
    expect(groupsOf(calibration)).toEqual(['part-2', 'part-8']);
    expect(groupsOf(splitCalibration(images, { fraction: 0.2, seed: 1 }).calibration)).toEqual([
      'part-2',
      'part-9',
    ]);
    expect(splitCalibration(images, { seed: 0 }).calibration.length).toBe(2);
  });

  it('leaves test images and defective ones out of both parts', () => {
    const others = [
      image('c', 0, { split: 'test' }),
      image('d', 0, { label: 'defective', defectClass: 'crack' }),
    ];
    const { training, calibration } = splitCalibration([...others, image('a', 0), image('b', 0)], {
      seed: 3,
    });
    expect(groupsOf([...training, ...calibration]).sort()).toEqual(['a', 'b']);
  });

  it('says what it needs', () => {
    const split =
      (images: readonly DatasetImage[], fraction = 0.15) =>
      () =>
        splitCalibration(images, { fraction, seed: 0 });
    expect(split([])).toThrow(/at least 2 good images.*got 0/);
    expect(split([image('a', 0)])).toThrow(/at least 2 good images.*got 1/);
    expect(split([image('a', 0), image('b', 0, { split: 'test' })])).toThrow(UserError);
    expect(split([image('a', 0), image('a', 1)])).toThrow(
      /all 2 good training images belong to one part \("a"\)/,
    );
    for (const fraction of [0, 1, -0.1, Number.NaN]) {
      expect(split([image('a', 0), image('b', 0)], fraction)).toThrow(/between 0 and 1/);
    }
  });
});

describe('the folds of a cross-calibration', () => {
  it('divide whole groups evenly, whatever the order of the images', () => {
    const sets = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 40 }),
      folds: fc.integer({ min: 2, max: 7 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(sets, ({ sizes, folds: wanted, seed }) => {
        const images = sizes.flatMap((size, g) =>
          Array.from({ length: size }, (_, i) => image(`part-${g}`, i)),
        );
        const folds = Math.min(wanted, sizes.length);
        const split = splitFolds(images, { folds, seed });
        expect(split.folds).toBe(folds);
        expect(split.images.length).toBe(images.length);
        const groups = Array.from({ length: folds }, (_, fold) =>
          groupsOf(split.images.filter((_, i) => split.foldOf[i] === fold)),
        );
        const counts = groups.map((names) => names.length);
        expect(new Set(groups.flat()).size).toBe(sizes.length);
        expect(counts.reduce((sum, one) => sum + one, 0)).toBe(sizes.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(splitFolds([...images].reverse(), { folds, seed })).toEqual(split);
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('are five, or as many as there are groups, unless asked for', () => {
    const images = Array.from({ length: 9 }, (_, g) => image(`part-${g}`, 0));
    expect(splitFolds(images, { seed: 0 }).folds).toBe(5);
    expect(splitFolds(images.slice(0, 3), { seed: 0 }).folds).toBe(3);
  });

  it('say what they need', () => {
    const images = [image('a', 0), image('b', 0), image('b', 1)];
    for (const folds of [1, 3, 2.5, Number.NaN]) {
      expect(() => splitFolds(images, { folds, seed: 0 })).toThrow(/folds: .* from 2 to 2, .*, got/);
    }
    expect(() => splitFolds([image('a', 0), image('a', 1)], { seed: 0 })).toThrow(/belong to one part/);
    expect(() => splitFolds([], { seed: 0 })).toThrow(UserError);
  });
});
