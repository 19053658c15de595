import { keepPartsApart } from './divide-by-part.js';
import { stemOf } from './file-tree.js';
import { groupNaming } from './groups.js';
import type { DatasetLayout, FoundImage, LayoutReading, LeftOut } from './layout.js';

const MASK_TOP = /^ground_truth\//i;

/** MVTec AD, and MPDD, which lies alike. */
export const mvtec = trainTestFolders(
  'mvtec',
  'good',
  'MVTec AD: train/good/*.png, test/<class>/*.png, ground_truth/<class>/*_mask.png (MPDD lies alike)',
);

/** BTAD; its third product has masks as BMP. */
export const btad = trainTestFolders(
  'btad',
  'ok',
  'BTAD: train/ok/*, test/ok/*, test/ko/*, ground_truth/ko/* (.png or .bmp)',
);

/**
 * `train/<good>/*`, `test/<class>/*` with `test/<good>`, masks in `ground_truth/<class>/<stem>[_mask].<ext>`.
 * The split is the data set's own; a training image of a part that a test image shows too is left out. Upper and
 * lower case do not matter.
 */
function trainTestFolders(name: 'mvtec' | 'btad', goodName: string, expects: string): DatasetLayout {
  const isGood = (folder: string) => folder.toLowerCase() === goodName;
  const goodFolder = new RegExp(`^(train|test)/${goodName}/`, 'i');
  return {
    name,
    expects,
    recognise: ({ images }) => images.some((file) => goodFolder.test(file)),

    read({ images: files }, rule): LayoutReading {
      const groupOf = groupNaming(rule);
      const masks = new Map<string, string>();
      for (const file of files) {
        const key = maskKey(file);
        if (key !== undefined && !masks.has(key)) masks.set(key, file);
      }
      const images: FoundImage[] = [];
      const leftOut: LeftOut[] = [];
      for (const file of files) {
        const [topFolder, folder, inFolder] = file.split('/', 3);
        const top = topFolder.toLowerCase();
        if (top === 'train' && inFolder !== undefined && isGood(folder)) {
          images.push({ file, label: 'good', defectClass: 'good', split: 'train', group: groupOf(file) });
        } else if (top === 'test' && inFolder !== undefined) {
          const mask = masks.get(keyOf(file.slice('test/'.length)));
          images.push({
            file,
            label: isGood(folder) ? 'good' : 'defective',
            defectClass: isGood(folder) ? 'good' : folder,
            split: 'test',
            group: groupOf(file),
            ...(mask && { mask }),
          });
        } else if (top === 'train') {
          const reason = `in train/, but not in train/${goodName}: training takes good images only`;
          leftOut.push({ file, reason });
        }
      }
      const used = new Set(images.map((image) => image.mask));
      for (const file of files) {
        if (!MASK_TOP.test(file) || used.has(file)) continue;
        leftOut.push({ file, reason: 'a mask that belongs to no picture in test/' });
      }
      const division = 'as the folders train/ and test/ say';
      if (rule.kind === 'random') return { images, leftOut, division };
      const apart = keepPartsApart(images, 'test/');
      return { images: apart.images, leftOut: [...leftOut, ...apart.leftOut], division };
    },
  };
}

/** `ground_truth/crack/000_mask.png` and `ground_truth/crack/000.png` are the mask of `crack/000`. */
function maskKey(file: string): string | undefined {
  const below = file.replace(MASK_TOP, '');
  return below === file || !below.includes('/') ? undefined : keyOf(below).replace(/_mask$/, '');
}

function keyOf(file: string): string {
  return stemOf(file).toLowerCase();
}
