import { divideByPart } from './divide-by-part.js';
import { findMasks, isMaskFile } from './find-masks.js';
import { groupNaming } from './groups.js';
import { labelNamed, saysOnlyPictures } from './label-names.js';
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
    const hasGood = images.some((file) => labelOf(file) === 'good');
    // Something beside the good ones: else it is a plain folder.
    return hasGood && images.some((file) => labelOf(file) !== 'good' || isMaskFile(file));
  },

  read({ images: files }, rule): LayoutReading {
    const groupOf = groupNaming(rule);
    const { maskOf, unowned } = findMasks(files, labelOf);
    const images: UndividedImage[] = [];
    const leftOut: LeftOut[] = [...unowned];
    for (const file of files) {
      if (isMaskFile(file) || !file.includes('/')) continue;
      const mask = maskOf(file);
      const label = labelOf(file);
      if (label === undefined) {
        leftOut.push({ file, mask, reason: `in ${topFolder(file)}/, which says neither good nor bad` });
        continue;
      }
      const defectClass = label === 'good' ? 'good' : classOf(file);
      images.push({ file, label, defectClass, group: groupOf(file), ...(mask !== undefined && { mask }) });
    }
    const divided = divideByPart(images, rule.known);
    return { ...divided, leftOut: [...leftOut, ...divided.leftOut] };
  },
};

function topFolder(file: string): string {
  return file.slice(0, Math.max(file.indexOf('/'), 0));
}

function labelOf(file: string) {
  return labelNamed(topFolder(file));
}

function classOf(file: string): string {
  const [top, ...below] = file.split('/').slice(0, -1);
  return (below.find((name) => !saysOnlyPictures(name)) ?? top).toLowerCase();
}
