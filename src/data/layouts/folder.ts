import { divideByPart } from './divide-by-part.js';
import { stemOf } from './file-tree.js';
import { groupNaming } from './groups.js';
import type { DatasetLayout, LayoutReading } from './layout.js';

/** Folders and names that say "not only good images here". */
const NOT_GOOD_FOLDER =
  /^(bad|defects?|defective|ko|ng|nok|anomal(y|ies|ous)|abnormal|test|ground_truth|masks?|labels?)$/i;
const NOT_GOOD_NAME = /_(mask|label)$/i;

/** A plain folder of good images, folders in it included; see {@link divideByPart} for their split. */
export const folder: DatasetLayout = {
  name: 'folder',
  expects:
    'a plain folder of good images only, in it no masks and no folders such as bad, test or ground_truth',

  recognise: ({ images }) => images.length > 0 && !images.some(isSuspicious),

  read({ images: files }, rule): LayoutReading {
    const groupOf = groupNaming(rule);
    return divideByPart(
      files.map((file) => ({ file, label: 'good', defectClass: 'good', group: groupOf(file) })),
      rule.known,
    );
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
