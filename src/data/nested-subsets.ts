import { NumpyRandom } from '../tensor/numpy-random.js';
import { compareText } from './compare-text.js';
import type { DatasetImage } from './types.js';

/**
 * Subsets of growing size, each within the next, of whole groups in an order drawn by seed: the fewest groups that hold
 * `size` images. The result does not depend on the order of `images`.
 * @throws RangeError for a size above the number of images
 */
export function nestedSubsets(
  images: readonly DatasetImage[],
  sizes: readonly number[],
  seed: number,
): readonly (readonly DatasetImage[])[] {
  const groups = new Map<string, DatasetImage[]>();
  for (const image of [...images].sort((a, b) => compareText(a.path, b.path))) {
    const own = groups.get(image.group) ?? [];
    groups.set(image.group, own);
    own.push(image);
  }
  const order = new NumpyRandom(seed).shuffle([...groups.keys()].sort(compareText));
  return sizes.map((size) => {
    if (size > images.length) throw new RangeError(`size: expected at most ${images.length}, got ${size}`);
    const taken: DatasetImage[] = [];
    for (const group of order) {
      if (taken.length >= size) break;
      taken.push(...groups.get(group)!);
    }
    return taken;
  });
}
