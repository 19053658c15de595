import { groupNaming } from './groups.js';
import { stemOf } from './file-tree.js';
import type { DatasetLayout, FoundImage, LayoutReading, LeftOut } from './layout.js';

const GOOD = 'good';

/**
 * MVTec AD: `train/good/*`, `test/<class>/*` with `test/good`, masks in `ground_truth/<class>/<stem>_mask.png`.
 * The split is the data set's own; a training image of a part that a test image shows too is left out.
 */
export const mvtec: DatasetLayout = {
  name: 'mvtec',
  expects: 'MVTec AD: train/good/*.png, test/<class>/*.png, ground_truth/<class>/*_mask.png',

  recognise: ({ images }) => images.some((file) => /^(train|test)\/good\//.test(file)),

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
      const [top, folder] = file.split('/', 3);
      const inFolder = file.split('/').length >= 3;
      if (top === 'train' && inFolder && folder === GOOD) {
        images.push({ file, label: 'good', defectClass: GOOD, split: 'train', group: groupOf(file) });
      } else if (top === 'test' && inFolder && folder !== undefined) {
        const mask = masks.get(stemOf(file.slice('test/'.length)));
        const label = folder === GOOD ? 'good' : 'defective';
        images.push({
          file,
          label,
          defectClass: folder,
          split: 'test',
          group: groupOf(file),
          ...(mask && { mask }),
        });
      } else if (top === 'train') {
        leftOut.push({ file, reason: 'in train/, but not in train/good: training takes good images only' });
      }
    }
    const used = new Set(images.map((image) => image.mask));
    for (const file of files) {
      if (!file.startsWith('ground_truth/') || used.has(file)) continue;
      leftOut.push({ file, reason: 'a mask that belongs to no picture in test/' });
    }
    if (rule.kind === 'random') return { images, leftOut };

    const testGroups = new Set(images.filter((image) => image.split === 'test').map((image) => image.group));
    const straddles = (image: FoundImage) => image.split === 'train' && testGroups.has(image.group);
    for (const { file, group } of images.filter(straddles)) {
      leftOut.push({ file, reason: `part "${group}" is in test/ too: no part is both in training and test` });
    }
    return { images: images.filter((image) => !straddles(image)), leftOut };
  },
};

/** `ground_truth/crack/000_mask.png` and `ground_truth/crack/000.png` are the mask of `crack/000`. */
function maskKey(file: string): string | undefined {
  if (!/^ground_truth\/[^/]+\//.test(file)) return undefined;
  return stemOf(file.slice('ground_truth/'.length)).replace(/_mask$/, '');
}
