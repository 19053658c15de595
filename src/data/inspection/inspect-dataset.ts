import type { Dataset, DataWarning } from '../types.js';
import { alikeWarnings } from './alike-warnings.js';
import { findAlike } from './find-alike.js';
import type { DatasetInspection } from './inspection.js';
import { contentWarnings, randomSplitWarnings } from './leakage-warnings.js';
import { lookAtImages, type LookOptions } from './look-at-images.js';
import { maskWarnings, unreadableWarnings } from './picture-warnings.js';
import { sameContent } from './same-content.js';

/**
 * Reads every picture and mask of a data set and says what is wrong with them, and which pictures lie on both sides
 * of the split: with the same content, or so alike that they show the same part. Pictures that
 * are flipped, turned or cut otherwise are not found to be alike.
 */
export async function inspectDataset(
  dataset: Dataset,
  options: LookOptions = {},
): Promise<DatasetInspection> {
  const { root, images } = dataset;
  const { pictures, unreadable } = await lookAtImages(images, true, options);
  const same = sameContent(pictures);
  const alike = findAlike(pictures);
  return {
    pictures,
    unreadable,
    same,
    ...alike,
    warnings: [
      ...randomSplitWarnings(dataset),
      ...contentWarnings(root, same),
      ...alikeWarnings(root, alike),
      ...maskWarnings(root, pictures),
      ...unreadableWarnings(root, unreadable),
    ],
  };
}

/**
 * Of an inspection what flatters the figures: masks are not read, and pictures that cannot be read are passed over,
 * since who trains or evaluates says so.
 */
export async function leakageWarnings(
  dataset: Dataset,
  options: LookOptions = {},
): Promise<readonly DataWarning[]> {
  const { pictures } = await lookAtImages(dataset.images, false, options);
  return [
    ...randomSplitWarnings(dataset),
    ...contentWarnings(dataset.root, sameContent(pictures)),
    ...alikeWarnings(dataset.root, findAlike(pictures)),
  ];
}
