import type { ModelMetadata } from './model-metadata.js';

/** A model that a training went on from. */
export interface Origin {
  readonly metadata: Pick<ModelMetadata, 'data' | 'from'>;
  /** SHA-256 of its file, hex. */
  readonly digest: string;
}

/** Digests of the image files that a training has used. */
export interface UsedImages {
  readonly training: readonly string[];
  readonly calibration: readonly string[];
}

/** All that the parameters have learned from, in this training and in those before. */
export function learnedImages(earlier: Origin | undefined, { training }: UsedImages): string[] {
  const own = new Set(training);
  const before = earlier?.metadata.data.trainingImages ?? [];
  return [...training, ...before.filter((digest) => !own.has(digest))];
}

/**
 * How many parts the parameters have ever learned from. A part of an earlier training is known by a picture of it that is
 * learned from again.
 */
export function learnedParts(
  earlier: Origin | undefined,
  images: readonly { readonly digest: string; readonly group: string }[],
): number {
  const own = new Set(images.map(({ group }) => group));
  if (earlier === undefined) return own.size;
  const { trainingImages, trainingGroups = trainingImages.length } = earlier.metadata.data;
  const before = new Set(trainingImages);
  const again = new Set(images.filter(({ digest }) => before.has(digest)).map(({ group }) => group));
  return Math.max(trainingGroups, again.size) + own.size - again.size;
}

/** Where a training that goes on from an earlier model came from; undefined for one that started anew. */
export function provenanceOf(
  earlier: Origin | undefined,
  { training, calibration }: UsedImages,
): ModelMetadata['from'] {
  if (earlier === undefined) return undefined;
  const { data, from } = earlier.metadata;
  const learned = new Set(data.trainingImages);
  const held = new Set([...data.calibrationImages, ...(from?.calibrationImages ?? [])]);
  for (const digest of [...calibration, ...data.trainingImages]) held.delete(digest);
  const newImages = training.filter((digest) => !learned.has(digest)).length;
  return {
    models: [...(from?.models ?? []), earlier.digest],
    newImages,
    knownImages: training.length - newImages,
    calibrationImages: [...held],
  };
}
