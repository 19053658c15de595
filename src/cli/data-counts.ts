import { groupBy, type DatasetInspection, type InspectedPicture } from '../data/index.js';
import type { DatasetImage } from '../data/types.js';

export interface ClassCount {
  readonly name: string;
  readonly label: DatasetImage['label'];
  readonly training: number;
  readonly test: number;
}

/** Pictures of each class, good ones first, then by name. */
export function countsByClass(images: readonly DatasetImage[]): readonly ClassCount[] {
  const key = ({ label, defectClass }: DatasetImage) => `${label === 'good' ? 0 : 1} ${defectClass}`;
  return [...groupBy(images, key)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, of]) => ({
      name: of[0].defectClass,
      label: of[0].label,
      training: of.filter(({ split }) => split === 'train').length,
      test: of.filter(({ split }) => split === 'test').length,
    }));
}

/** Distinct sizes in pixels, the most frequent first. */
export function sizesOf({ pictures }: DatasetInspection) {
  return counted(pictures, ({ facts: { width, height } }) => `${width} ${height}`).map(([first, count]) => ({
    width: first.facts.width,
    height: first.facts.height,
    count,
  }));
}

/** Distinct kinds of pictures, such as `8-bit grey jpeg`, the most frequent first. */
export function kindsOf({ pictures }: DatasetInspection) {
  const kindOf = ({ facts: { bits, colour, format } }: InspectedPicture) =>
    `${bits}-bit ${colour ? 'colour' : 'grey'} ${format}`;
  return counted(pictures, kindOf).map(([first, count]) => ({ kind: kindOf(first), count }));
}

/** The parts that the pictures show, as far as they are known. */
export function partsOf(images: readonly DatasetImage[]) {
  const numbers = [...groupBy(images, (image) => image.group).values()]
    .map((of) => of.length)
    .sort((a, b) => a - b);
  const on = (split: DatasetImage['split']) =>
    new Set(images.filter((image) => image.split === split).map((image) => image.group)).size;
  return {
    known: numbers.length < images.length,
    count: numbers.length,
    training: on('train'),
    test: on('test'),
    pictures: { least: numbers[0] ?? 0, most: numbers.at(-1) ?? 0 },
  };
}

/** Masks of defective pictures by what was found in them. */
export function maskCounts({ pictures }: DatasetInspection) {
  const defective = pictures.filter(({ image }) => image.label === 'defective');
  const count = (...kinds: InspectedPicture['mask']['kind'][]) =>
    defective.filter(({ mask }) => kinds.includes(mask.kind)).length;
  return {
    defective: defective.length,
    with_mask: defective.length - count('none'),
    missing: count('none'),
    empty: count('empty', 'dim'),
    other_size: count('other-size'),
    unreadable: count('unreadable'),
  };
}

/** One of each kind with the number of them, the most frequent first. */
function counted(
  pictures: readonly InspectedPicture[],
  keyOf: (picture: InspectedPicture) => string,
): readonly (readonly [InspectedPicture, number])[] {
  return [...groupBy(pictures, keyOf).values()]
    .map((of) => [of[0], of.length] as const)
    .sort((a, b) => b[1] - a[1]);
}
