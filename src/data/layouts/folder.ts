import { compareText } from '../compare-text.js';
import { stemOf } from './file-tree.js';
import { groupNaming } from './groups.js';
import type { DatasetLayout, LayoutReading } from './layout.js';

const TEST_EVERY = 5;
const SMALLEST_TO_SPLIT = 10;
/** Folders and names that say "not only good images here". */
const NOT_GOOD_FOLDER =
  /^(bad|defects?|defective|ko|ng|nok|anomal(y|ies|ous)|test|ground_truth|masks?|labels?)$/i;
const NOT_GOOD_NAME = /_(mask|label)$/i;

/**
 * A plain folder of good images, folders in it included. In the order of their paths every fifth image (with a
 * group pattern: every fifth part, in the order of their names) is test, unless there are fewer than 10 images
 * or only one part.
 */
export const folder: DatasetLayout = {
  name: 'folder',
  expects:
    'a plain folder of good images only, in it no masks and no folders such as bad, test or ground_truth',

  recognise: ({ images }) => images.length > 0 && !images.some(isSuspicious),

  read({ images: files }, rule): LayoutReading {
    const groupOf = groupNaming(rule);
    const groups = [...new Set(files.map(groupOf))].sort(compareText);
    const split = files.length >= SMALLEST_TO_SPLIT && groups.length > 1;
    const test = new Set(split ? groups.filter((_, i) => i % TEST_EVERY === 0) : []);
    const images = files.map((file) => {
      const group = groupOf(file);
      return {
        file,
        label: 'good',
        defectClass: 'good',
        split: test.has(group) ? 'test' : 'train',
        group,
      } as const;
    });
    return { images, leftOut: [] };
  },
};

function isSuspicious(file: string): boolean {
  return (
    NOT_GOOD_NAME.test(stemOf(file)) ||
    file
      .split('/')
      .slice(0, -1)
      .some((name) => NOT_GOOD_FOLDER.test(name))
  );
}
