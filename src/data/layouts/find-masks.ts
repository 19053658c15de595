import { isMaskFolder } from './label-names.js';
import { stemOf } from './file-tree.js';
import type { LeftOut } from './layout.js';

const SUFFIX = /_(mask|label|gt)$/i;

export interface FoundMasks {
  /** The mask of a picture, both named as in the tree. */
  readonly maskOf: (file: string) => string | undefined;
  /** Every file that is a mask by its name or its place, and so is no picture. */
  readonly masks: ReadonlySet<string>;
  /** Masks of no picture, or of more than one. */
  readonly unowned: readonly LeftOut[];
}

/**
 * Finds masks as people lay them down: beside the picture as `<stem>_mask`, `_label` or `_gt`, or in a folder
 * `masks` or `ground_truth` directly below the root, there under the picture's path, under its path without the
 * first folder, or under its bare name; each with or without suffix and with any image extension.
 * @param images every image of the tree; those that are no masks are taken for pictures
 */
export function findMasks(images: readonly string[]): FoundMasks {
  const stems = new Set(images.map(stemOf));
  const inFolder = new Map<string, string>();
  const beside = new Map<string, string>();
  for (const file of images) {
    const stem = stemOf(file);
    const bare = stem.replace(SUFFIX, '');
    const slash = file.indexOf('/');
    if (slash > 0 && isMaskFolder(file.slice(0, slash))) inFolder.set(bare.slice(slash + 1), file);
    else if (bare !== stem && stems.has(bare)) beside.set(bare, file);
  }
  const masks = new Set([...inFolder.values(), ...beside.values()]);
  const owners = new Map<string, string[]>();
  for (const file of images) {
    if (masks.has(file)) continue;
    const mask =
      beside.get(stemOf(file)) ??
      keysOf(file)
        .map((key) => inFolder.get(key))
        .find(Boolean);
    if (mask !== undefined) owners.set(mask, [...(owners.get(mask) ?? []), file]);
  }
  const maskByPicture = new Map(
    [...owners].filter(([, pictures]) => pictures.length === 1).map(([mask, [picture]]) => [picture, mask]),
  );
  return {
    maskOf: (file) => maskByPicture.get(file),
    masks,
    unowned: [...masks]
      .filter((mask) => owners.get(mask)?.length !== 1)
      .map((file) => ({ file, reason: reasonOf(owners.get(file)) })),
  };
}

/** The names a picture's mask may have in a folder of masks, the surest first. */
function keysOf(file: string): readonly string[] {
  const folders = stemOf(file).split('/');
  return [folders.join('/'), folders.slice(1).join('/'), folders.at(-1)!];
}

function reasonOf(pictures: readonly string[] | undefined): string {
  if (pictures === undefined) return 'a mask that belongs to no picture';
  return `a mask that could belong to ${pictures.length} pictures, such as ${pictures[0]} and ${pictures[1]}; lay it under the picture's path`;
}
