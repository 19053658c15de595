import { groupBy } from '../group-by.js';
import type { DatasetImage } from '../types.js';
import type { InspectedPicture } from './inspection.js';

/** Sets of pictures whose files have the same content, each with at least two. */
export function sameContent(
  pictures: readonly Pick<InspectedPicture, 'image' | 'digest'>[],
): readonly (readonly DatasetImage[])[] {
  return [...groupBy(pictures, ({ digest }) => digest).values()]
    .filter((same) => same.length > 1)
    .map((same) => same.map(({ image }) => image));
}
