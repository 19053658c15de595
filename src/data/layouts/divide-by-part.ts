import { compareText } from '../compare-text.js';
import { knownSide, type KnownParts } from './known-parts.js';
import type { FoundImage, LayoutReading, LeftOut, UndividedImage } from './layout.js';

const TEST_EVERY = 5;
const SMALLEST_TO_SPLIT = 10;

/**
 * Which of these parts are test: 0, 5, 10, … in the order of their names. Where some are known, they keep their side, and
 * of the new ones every fifth is test from the fifth on, so that a few more photos are a few more to learn from.
 */
export function testParts(names: Iterable<string>, known?: KnownParts): ReadonlySet<string> {
  const parts = [...new Set(names)].sort(compareText);
  const sides = new Map(parts.map((part) => [part, knownSide(part, known)]));
  const fresh = parts.filter((part) => sides.get(part) === undefined);
  const first = fresh.length < parts.length ? TEST_EVERY - 1 : 0;
  const drawn = fresh.filter((_, i) => i % TEST_EVERY === first);
  return new Set([...parts.filter((part) => sides.get(part) === 'test'), ...drawn]);
}

/**
 * Divides images that have no split of their own, so that no part stands on both sides. Parts that have a
 * defective picture are test with all their pictures. Every fifth of the parts with a good picture is test too, by
 * name and whatever has defects, so that defective pictures added later move no part but their own; unless there
 * are fewer than 10 good images or only one part. Where all that would leave fewer than two parts to learn from,
 * the defective pictures of the parts that are not every fifth are left out instead.
 * @param known parts that keep the side on which they stood before, see {@link testParts}; a defective picture of one
 * that was training is left out
 */
export function divideByPart(images: readonly UndividedImage[], known?: KnownParts): LayoutReading {
  const partsWith = (label: UndividedImage['label']) =>
    new Set(images.filter((image) => image.label === label).map((image) => image.group));
  const good = partsWith('good');
  const learnedBefore = new Set([...good].filter((part) => knownSide(part, known) === 'train'));
  const flawed = new Set([...partsWith('defective')].filter((part) => !learnedBefore.has(part)));
  const sound = [...good].filter((part) => !flawed.has(part));
  const enough = images.filter((image) => image.label === 'good').length >= SMALLEST_TO_SPLIT;
  const test =
    enough && good.size > 1
      ? testParts(good, known)
      : new Set([...good].filter((part) => knownSide(part, known) === 'test'));
  const learned = sound.filter((part) => !test.has(part));
  const kept = [...good].some((part) => knownSide(part, known) !== undefined)
    ? '; parts that the model knows keep their side'
    : '';

  const each = new Set(images.map((image) => image.group)).size < images.length ? 'part' : 'picture';
  if (learned.length >= 2 || sound.length === good.size) {
    const division =
      test.size > 0 ? `every fifth good ${each} by name is test` : 'all good pictures are training';
    return {
      ...placed(images, ({ group }) => flawed.has(group) || test.has(group)),
      division:
        (flawed.size > 0 ? `${division}, and so is every part with a defective picture` : division) + kept,
    };
  }
  const divided = divideAllParts(images, test);
  return { ...divided, division: divided.division + kept };
}

/**
 * The given parts are test with all their pictures, the good pictures of the others training; defective pictures
 * of the others are left out, since their part is learned from.
 */
export function divideAllParts(images: readonly UndividedImage[], test: ReadonlySet<string>): LayoutReading {
  const good = new Set(images.filter((image) => image.label === 'good').map((image) => image.group));
  return {
    ...placed(images, ({ group }) => test.has(group) || !good.has(group)),
    division:
      test.size > 0
        ? 'every fifth part by name is test, its defective pictures included'
        : 'all good pictures are training',
  };
}

/** Defective pictures never train: those that are not test are left out. */
function placed(
  images: readonly UndividedImage[],
  isTest: (image: UndividedImage) => boolean,
): Omit<LayoutReading, 'division'> {
  const dropped = (image: UndividedImage) => image.label === 'defective' && !isTest(image);
  const leftOut = images.filter(dropped).map(({ file, group, mask }): LeftOut => ({
    file,
    group,
    reason: 'defective, and its part is in training: no part is both in training and test',
    ...(mask !== undefined && { mask }),
  }));
  return {
    images: images.filter((image) => !dropped(image)).map((image) => withSplit(image, isTest(image))),
    leftOut,
    divided: true,
  };
}

/** Images whose split is given: training images of a part that is tested too are left out. */
export function keepPartsApart(
  images: readonly FoundImage[],
  testPlace: string,
): Pick<LayoutReading, 'images' | 'leftOut'> {
  const tested = new Set(images.filter((image) => image.split === 'test').map((image) => image.group));
  const straddles = (image: FoundImage) => image.split === 'train' && tested.has(image.group);
  return {
    images: images.filter((image) => !straddles(image)),
    leftOut: images.filter(straddles).map(({ file, group, mask }) => ({
      file,
      group,
      reason: `part "${group}" is in ${testPlace} too: no part is both in training and test`,
      ...(mask !== undefined && { mask }),
    })),
  };
}

function withSplit(image: UndividedImage, test: boolean): FoundImage {
  return { ...image, split: test ? 'test' : 'train' };
}
