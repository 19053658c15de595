import { compareText } from '../compare-text.js';
import type { FoundImage, LayoutReading, LeftOut, UndividedImage } from './layout.js';

const TEST_EVERY = 5;
const SMALLEST_TO_SPLIT = 10;

/** Parts 0, 5, 10, … in the order of their names. */
export function everyFifth(parts: Iterable<string>): ReadonlySet<string> {
  return new Set([...new Set(parts)].sort(compareText).filter((_, i) => i % TEST_EVERY === 0));
}

/**
 * Divides images that have no split of their own, so that no part stands on both sides. Parts that have a
 * defective picture are test with all their pictures. Every fifth of the parts with a good picture is test too, by
 * name and whatever has defects, so that defective pictures added later move no part but their own; unless there
 * are fewer than 10 good images or only one part. Where all that would leave fewer than two parts to learn from,
 * the defective pictures of the parts that are not every fifth are left out instead.
 */
export function divideByPart(images: readonly UndividedImage[]): LayoutReading {
  const partsWith = (label: UndividedImage['label']) =>
    new Set(images.filter((image) => image.label === label).map((image) => image.group));
  const good = partsWith('good');
  const flawed = partsWith('defective');
  const sound = new Set([...good].filter((part) => !flawed.has(part)));
  const enough = images.filter((image) => image.label === 'good').length >= SMALLEST_TO_SPLIT;
  const test = enough && good.size > 1 ? everyFifth(good) : new Set<string>();
  const learned = [...sound].filter((part) => !test.has(part));

  const each = new Set(images.map((image) => image.group)).size < images.length ? 'part' : 'picture';
  if (learned.length >= 2 || sound.size === good.size) {
    const division =
      test.size > 0 ? `every fifth good ${each} by name is test` : 'all good pictures are training';
    return {
      images: images.map((image) => withSplit(image, flawed.has(image.group) || test.has(image.group))),
      leftOut: [],
      division: flawed.size > 0 ? `${division}, and so is every part with a defective picture` : division,
    };
  }
  return divideAllParts(images, test);
}

/**
 * The given parts are test with all their pictures, the good pictures of the others training; defective pictures
 * of the others are left out, since their part is learned from.
 */
export function divideAllParts(images: readonly UndividedImage[], test: ReadonlySet<string>): LayoutReading {
  const good = new Set(images.filter((image) => image.label === 'good').map((image) => image.group));
  const isTest = ({ group }: UndividedImage) => test.has(group) || !good.has(group);
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
    division:
      test.size > 0
        ? 'every fifth part by name is test, its defective pictures included'
        : 'all good pictures are training',
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
