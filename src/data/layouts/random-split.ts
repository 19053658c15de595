import { NumpyRandom } from '../../tensor/numpy-random.js';
import { compareText } from '../compare-text.js';
import { knownSide, type KnownParts } from './known-parts.js';
import type { FoundImage } from './layout.js';

const TEST_FRACTION = 0.2;

/**
 * The usual random split: a fifth of the good images drawn by seed is test, whatever part they show; defective
 * images are test. It leaks where several pictures show one part, and is there for comparison only.
 * @param known pictures that keep the side on which they stood before: of the others a fifth is drawn
 */
export function splitAtRandom(
  images: readonly FoundImage[],
  seed: number,
  known?: KnownParts,
): readonly FoundImage[] {
  const good = images.filter((image) => image.label === 'good').map((image) => image.file);
  const fresh = good.filter((file) => knownSide(file, known) === undefined);
  const drawn = new NumpyRandom(seed)
    .shuffle([...fresh].sort(compareText))
    .slice(0, Math.round(TEST_FRACTION * fresh.length));
  const test = new Set([...drawn, ...good.filter((file) => knownSide(file, known) === 'test')]);
  return images.map((image) => ({
    ...image,
    group: image.file,
    split: image.label === 'defective' || test.has(image.file) ? 'test' : 'train',
  }));
}
