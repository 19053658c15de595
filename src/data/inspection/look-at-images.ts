import { messageOf } from '../../errors.js';
import { contentDigest } from '../content-digest.js';
import { readImageContent } from '../image-content.js';
import { mapConcurrently } from '../map-concurrently.js';
import type { DatasetImage, SkippedFile } from '../types.js';
import type { InspectedPicture } from './inspection.js';
import { lookAtMask } from './look-at-masks.js';
import { lookAtPicture } from './thumbnail.js';

export interface LookOptions {
  /** Pictures under way at a time; default 8. */
  readonly concurrency?: number;
  readonly onPicture?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface LookedAt {
  readonly pictures: readonly InspectedPicture[];
  readonly unreadable: readonly SkippedFile[];
}

/** Reads pictures, and their masks where wanted: without, a mask counts as `none`. */
export async function lookAtImages(
  images: readonly DatasetImage[],
  masks: boolean,
  { concurrency = 8, onPicture, signal }: LookOptions,
): Promise<LookedAt> {
  const pictures: InspectedPicture[] = [];
  const unreadable: SkippedFile[] = [];
  const look = (image: DatasetImage) => lookAt(image, masks);
  let done = 0;
  for await (const looked of mapConcurrently(images, concurrency, look, signal)) {
    if ('reason' in looked) unreadable.push(looked);
    else pictures.push(looked);
    onPicture?.(++done, images.length);
  }
  return { pictures, unreadable };
}

async function lookAt(image: DatasetImage, masks: boolean): Promise<InspectedPicture | SkippedFile> {
  try {
    const content = await readImageContent(image.path);
    const { facts, thumbnail } = await lookAtPicture(content, image.path);
    const mask = masks ? await lookAtMask(image, facts) : ({ kind: 'none' } as const);
    return { image, digest: contentDigest(content), facts, mask, thumbnail };
  } catch (error) {
    return { path: image.path, reason: messageOf(error), group: image.group };
  }
}
