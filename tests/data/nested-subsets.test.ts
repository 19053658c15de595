import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestedSubsets } from '#csflow/data/nested-subsets.js';
import type { DatasetImage } from '#csflow/data/types.js';

const image = (path: string, group: string): DatasetImage => ({
  path,
  group,
  label: 'good',
  defectClass: 'good',
  split: 'train',
});

/** Some groups of one to five images. */
const someImages = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 })
  .map((groups) =>
    groups.flatMap((size, g) => Array.from({ length: size }, (_, i) => image(`${g}/${i}.png`, `part-${g}`))),
  );

describe('nestedSubsets', () => {
  it('takes whole groups, as few as hold the size, each subset within the next', () => {
    fc.assert(
      fc.property(
        someImages,
        fc.nat(1000),
        fc.array(fc.double({ min: 0.01, max: 1, noNaN: true })),
        (images, seed, shares) => {
          const sizes = shares.map((share) => Math.ceil(share * images.length)).sort((a, b) => a - b);
          const subsets = nestedSubsets(images, sizes, seed);
          subsets.forEach((subset, i) => {
            expect(subset.length).toBeGreaterThanOrEqual(sizes[i]);
            const groups = new Set(subset.map(({ group }) => group));
            expect(subset.length).toBe(images.filter(({ group }) => groups.has(group)).length);
            const last = subset.filter(({ group }) => group === subset.at(-1)!.group);
            expect(subset.length - last.length).toBeLessThan(sizes[i]);
            if (i > 0) expect(subset.slice(0, subsets[i - 1].length)).toEqual(subsets[i - 1]);
          });
          const shuffled = [...images].reverse();
          expect(nestedSubsets(shuffled, sizes, seed)).toEqual(subsets);
        },
      ),
    );
  });

  it('draws another order for another seed, and refuses more than there are', () => {
    const images = Array.from({ length: 30 }, (_, i) => image(`${i}.png`, `${i}`));
    expect(nestedSubsets(images, [10], 1)).not.toEqual(nestedSubsets(images, [10], 2));
    expect(() => nestedSubsets(images, [31], 1)).toThrow('expected at most 30, got 31');
  });
});
