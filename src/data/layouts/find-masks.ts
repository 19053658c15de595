import type { DatasetImage } from '../types.js';
import { stemOf } from './file-tree.js';
import { isMaskFolder } from './label-names.js';
import type { LeftOut } from './layout.js';

const SUFFIX = /_(mask|label|gt)$/i;

export interface FoundMasks {
  /** The mask of a picture, both named as in the tree. */
  readonly maskOf: (file: string) => string | undefined;
  /** Masks of no picture, of more than one, or of one that has another. */
  readonly unowned: readonly LeftOut[];
}

/**
 * Whether a file is a mask and so no picture: its name ends in `_mask`, `_label` or `_gt`, or a folder that it
 * lies in, at any depth, is called `masks`, `ground_truth`, `labels`, ….
 */
export function isMaskFile(file: string): boolean {
  return SUFFIX.test(stemOf(file)) || file.split('/').slice(0, -1).some(isMaskFolder);
}

/**
 * Finds masks as people lay them down: beside the picture as `<stem>_mask`, `_label` or `_gt`, or in a folder of
 * masks, there under the path that the picture has from the folder above, under that path without its first
 * folder, or under the picture's bare name; each with or without suffix and with any image extension. Where that
 * fits a defective picture and others, the mask is the defective one's: `good/1.png`, `bad/1.png`, `masks/1.png`.
 * @param files every image of the tree, masks included
 * @param labelOf of a picture; undefined where it is neither
 */
export function findMasks(
  files: readonly string[],
  labelOf: (file: string) => DatasetImage['label'] | undefined,
): FoundMasks {
  const masks = files.filter(isMaskFile);
  const masksAt = new Map<string, string[]>();
  for (const mask of masks) append(masksAt, placeOfMask(mask), mask);

  const claims = new Map<string, string[]>();
  const further = new Map<string, string>();
  for (const picture of files) {
    if (isMaskFile(picture)) continue;
    const [first, ...others] = placesOfPicture(picture).flatMap((place) => masksAt.get(place) ?? []);
    if (first !== undefined) append(claims, first, picture);
    for (const mask of others) further.set(mask, picture);
  }

  const maskByPicture = new Map<string, string>();
  const unowned: LeftOut[] = [];
  for (const mask of masks) {
    const claimants = claims.get(mask) ?? [];
    const likely =
      (['defective', 'good', undefined] as const)
        .map((label) => claimants.filter((picture) => labelOf(picture) === label))
        .find((pictures) => pictures.length > 0) ?? [];
    if (likely.length === 1) maskByPicture.set(likely[0], mask);
    else unowned.push({ file: mask, reason: reasonOf(likely, further.get(mask)) });
  }
  return { maskOf: (file) => maskByPicture.get(file), unowned };
}

/** What a mask's name says of its picture: the folder to start from, two slashes, the picture's path from there. */
function placeOfMask(file: string): string {
  const path = stemOf(file).replace(SUFFIX, '').split('/');
  const depth = path.slice(0, -1).findIndex(isMaskFolder);
  return depth < 0 ? besidePlace(path) : place(path.slice(0, depth), path.slice(depth + 1));
}

/** The places a picture's mask may have, the surest first. */
function placesOfPicture(file: string): readonly string[] {
  const path = stemOf(file).split('/');
  const depths = path.map((_, depth) => path.length - 1 - depth);
  const shortened = [(below: readonly string[]) => below, withoutFirst, bareName].flatMap((shorten) =>
    depths.map((depth) => place(path.slice(0, depth), shorten(path.slice(depth)))),
  );
  return [...new Set([besidePlace(path), ...shortened])];
}

function withoutFirst(below: readonly string[]): readonly string[] {
  return below.length > 1 ? below.slice(1) : below;
}

function bareName(below: readonly string[]): readonly string[] {
  return below.slice(-1);
}

function place(above: readonly string[], below: readonly string[]): string {
  return `${above.join('/')}//${below.join('/')}`;
}

/** Apart from places in folders of masks, for beside a picture only its full name counts. */
function besidePlace(path: readonly string[]): string {
  return path.join('/');
}

function reasonOf(pictures: readonly string[], another: string | undefined): string {
  if (pictures.length > 1) {
    return `a mask that could belong to ${pictures.length} pictures, such as ${pictures[0]} and ${pictures[1]}; lay it under the picture's path`;
  }
  return another === undefined
    ? 'a mask, by its name or folder, that belongs to no picture'
    : `a mask of ${another}, which has another one`;
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
