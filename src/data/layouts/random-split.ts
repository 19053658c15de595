import { NumpyRandom } from '../../tensor/numpy-random.js';
import { compareText } from '../compare-text.js';
import type { FoundImage } from './layout.js';

const TEST_FRACTION = 0.2;

/**
 * The usual random split: a fifth of the good images drawn by seed is test, whatever part they show; defective
 * images are test. It leaks where several pictures show one part, and is there for comparison only.
 */
export function splitAtRandom(images: readonly FoundImage[], seed: number): readonly FoundImage[] {
  const good = images.filter((image) => image.label === 'good').map((image) => image.file);
  const drawn = new NumpyRandom(seed)
    .shuffle([...good].sort(compareText))
    .slice(0, Math.round(TEST_FRACTION * good.length));
  const test = new Set(drawn);
  return images.map((image) => ({
    ...image,
    group: image.file,
    split: image.label === 'defective' || test.has(image.file) ? 'test' : 'train',
  }));
}
