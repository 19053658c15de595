import type { ModelMetadata } from './model-metadata.js';

/**
 * Digests of the image files that say nothing of how a model does on new ones: all that its parameters have learned from,
 * and those that have set its threshold or one of the models that it goes on from.
 */
export function knownImages({ data, from }: Pick<ModelMetadata, 'data' | 'from'>): ReadonlySet<string> {
  return new Set([...data.trainingImages, ...data.calibrationImages, ...(from?.calibrationImages ?? [])]);
}
