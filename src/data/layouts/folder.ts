import { divideByPart } from './divide-by-part.js';
import { isMaskFile } from './find-masks.js';
import { groupNaming } from './groups.js';
import { labelNamed } from './label-names.js';
import type { DatasetLayout, LayoutReading } from './layout.js';

/** A plain folder of good images, folders in it included; see {@link divideByPart} for their split. */
export const folder: DatasetLayout = {
  name: 'folder',
  expects:
    'a plain folder of good images only, in it no masks and no folders such as bad, test or ground_truth',

  recognise: ({ images }) => images.length > 0 && !images.some(looksNotGood),

  read({ images: files }, rule): LayoutReading {
    const groupOf = groupNaming(rule);
    return divideByPart(
      files.map((file) => ({ file, label: 'good', defectClass: 'good', group: groupOf(file) })),
      rule.known,
    );
  },
};

/** Whether a name says that this is no good picture to learn from, or that not all pictures here are. */
export function looksNotGood(file: string): boolean {
  const folders = file.split('/').slice(0, -1);
  return (
    isMaskFile(file) ||
    folders.some((name) => labelNamed(name) === 'defective' || name.toLowerCase() === 'test')
  );
}
