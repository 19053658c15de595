import { divideByPart } from './divide-by-part.js';
import { findMasks } from './find-masks.js';
import { groupNaming } from './groups.js';
import { labelNamed } from './label-names.js';
import type { DatasetLayout, LayoutReading, LeftOut, UndividedImage } from './layout.js';

/**
 * `good/` and `bad/` (or `ok` and `ng`, `normal` and `abnormal`, …) side by side; folders in `bad/` are classes
 * of defects, a picture directly in it has the folder's name for a class. See {@link findMasks} for masks and
 * {@link divideByPart} for the split.
 */
export const goodAndBad: DatasetLayout = {
  name: 'good-and-bad',
  expects:
    'good/* and bad/* or bad/<class>/* (also ok and ng, normal and abnormal, …), masks if any in masks/ or ground_truth/',

  recognise: ({ images }) => {
    const tops = new Set(images.filter((file) => file.includes('/')).map(topFolder));
    const labels = [...tops].map(labelNamed);
    // Something beside the good ones: else it is a plain folder.
    return labels.includes('good') && (tops.size > 1 || images.some((file) => !file.includes('/')));
  },

  read({ images: files }, rule): LayoutReading {
    const groupOf = groupNaming(rule);
    const { maskOf, masks, unowned } = findMasks(files);
    const images: UndividedImage[] = [];
    const leftOut: LeftOut[] = [...unowned];
    for (const file of files) {
      if (masks.has(file) || !file.includes('/')) continue;
      const top = topFolder(file);
      const label = labelNamed(top);
      if (label === undefined) {
        leftOut.push({ file, reason: `in ${top}/, which says neither good nor bad` });
        continue;
      }
      const below = file.split('/');
      const defectClass = label === 'good' ? 'good' : (below.length > 2 ? below[1] : top).toLowerCase();
      const mask = maskOf(file);
      images.push({ file, label, defectClass, group: groupOf(file), ...(mask !== undefined && { mask }) });
    }
    const divided = divideByPart(images, rule.known);
    return { ...divided, leftOut: [...leftOut, ...divided.leftOut] };
  },
};

function topFolder(file: string): string {
  return file.slice(0, file.indexOf('/'));
}
