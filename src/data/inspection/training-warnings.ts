import { stat } from 'node:fs/promises';
import { fileDigest } from '../content-digest.js';
import { groupBy } from '../group-by.js';
import { mapConcurrently } from '../map-concurrently.js';
import type { Dataset, DatasetImage, DataWarning } from '../types.js';
import { alikeWarnings } from './alike-warnings.js';
import { findAlike } from './find-alike.js';
import { contentWarnings, randomSplitWarnings } from './leakage-warnings.js';
import { lookAtImages, type LookOptions } from './look-at-images.js';
import { sameContent } from './same-content.js';

const AT_ONCE = 16;

/**
 * What a training should warn of, without a look at a test picture: training pictures that look alike, a random
 * split, and files with the same content. For those only files are read whose length another one has, to compare
 * their digests: test files without a training file of their length are not opened.
 */
export async function trainingWarnings(
  dataset: Dataset,
  options: LookOptions = {},
): Promise<readonly DataWarning[]> {
  const training = dataset.images.filter((image) => image.split === 'train');
  const { pictures } = await lookAtImages(training, false, options);
  const digests = new Map(pictures.map(({ image, digest }) => [image.path, digest]));
  const candidates = await sameLength(dataset.images, options.signal);
  const digested: { readonly image: DatasetImage; readonly digest: string }[] = [];
  const digestOf = async ({ path }: DatasetImage) =>
    digests.get(path) ?? (await fileDigest(path).catch(() => undefined));
  let next = 0;
  for await (const digest of mapConcurrently(candidates, AT_ONCE, digestOf, options.signal)) {
    const image = candidates[next++];
    if (digest !== undefined) digested.push({ image, digest });
  }
  return [
    ...randomSplitWarnings(dataset),
    ...contentWarnings(dataset.root, sameContent(digested)),
    ...alikeWarnings(dataset.root, findAlike(pictures)),
  ];
}

/** Images whose file is as long as that of a training image, among them at least one other. */
async function sameLength(
  images: readonly DatasetImage[],
  signal: AbortSignal | undefined,
): Promise<readonly DatasetImage[]> {
  const lengthOf = ({ path }: DatasetImage) =>
    stat(path).then(
      ({ size }) => String(size),
      () => undefined,
    );
  const known: { readonly image: DatasetImage; readonly length: string }[] = [];
  let next = 0;
  for await (const length of mapConcurrently(images, AT_ONCE, lengthOf, signal)) {
    const image = images[next++];
    if (length !== undefined) known.push({ image, length });
  }
  return [...groupBy(known, ({ length }) => length).values()]
    .filter((same) => same.length > 1 && same.some(({ image }) => image.split === 'train'))
    .flatMap((same) => same.map(({ image }) => image));
}
