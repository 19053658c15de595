import { contentDigest, mapConcurrently, readImageContent } from '../data/index.js';
import type { DatasetImage } from '../data/types.js';
import type { ModelMetadata } from './model-metadata.js';

/** What an image has been to a model: learned from, held out to set a threshold, or neither. */
export type Past = 'learned' | 'held out' | 'new';

/** Files read side by side. */
const readersAtOnce = 8;

/** What images have been to a model and to those before it, by the digests of their files. */
export async function pastsOf(
  images: readonly DatasetImage[],
  { data, from }: Pick<ModelMetadata, 'data' | 'from'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<DatasetImage, Past>> {
  const learned = new Set(data.trainingImages);
  const heldOut = new Set([...data.calibrationImages, ...(from?.calibrationImages ?? [])]);
  const pasts = new Map<DatasetImage, Past>();
  const look = async ({ path }: DatasetImage): Promise<Past> => {
    // What cannot be read is told of when its features are computed.
    const digest = await readImageContent(path).then(contentDigest, () => '');
    return learned.has(digest) ? 'learned' : heldOut.has(digest) ? 'held out' : 'new';
  };
  let next = 0;
  for await (const past of mapConcurrently(images, readersAtOnce, look, signal)) {
    pasts.set(images[next++], past);
  }
  return pasts;
}
