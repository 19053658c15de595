import type { Dataset, DataWarning } from '../types.js';
import { alikeWarnings } from './alike-warnings.js';
import { findAlike } from './find-alike.js';
import { contentWarnings, randomSplitWarnings } from './leakage-warnings.js';
import { lookAtImages, type LookOptions } from './look-at-images.js';
import { sameContent } from './same-content.js';

/**
 * What a training should warn of, from its own pictures: a random split, files with the same content, pictures that
 * look alike. No test picture is opened; copies across the split are found by `inspectDataset` and `leakageWarnings`.
 */
export async function trainingWarnings(
  dataset: Dataset,
  options: LookOptions = {},
): Promise<readonly DataWarning[]> {
  const training = dataset.images.filter((image) => image.split === 'train');
  const { pictures } = await lookAtImages(training, false, options);
  return [
    ...randomSplitWarnings(dataset),
    ...contentWarnings(dataset.root, sameContent(pictures)),
    ...alikeWarnings(dataset.root, findAlike(pictures)),
  ];
}
