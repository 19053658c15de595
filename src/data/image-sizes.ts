import { imageSize, type ImageSize } from './decode.js';
import { mapConcurrently } from './map-concurrently.js';
import type { DatasetImage } from './types.js';

/** Headers read side by side. */
const together = 8;

/** The size of each picture, from its header; undefined where it cannot be read. */
export async function imageSizes(
  pictures: readonly Pick<DatasetImage, 'path'>[],
): Promise<readonly (ImageSize | undefined)[]> {
  const sizes: (ImageSize | undefined)[] = [];
  const read = ({ path }: Pick<DatasetImage, 'path'>) => imageSize(path).catch(() => undefined);
  for await (const size of mapConcurrently(pictures, together, read)) sizes.push(size);
  return sizes;
}
