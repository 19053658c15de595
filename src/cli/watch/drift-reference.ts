import type { ModelMetadata } from '../../inspector/model-metadata.js';
import { NumpyRandom } from '../../tensor/numpy-random.js';

/**
 * The calibration scores that those of new photos are compared with: one a part, drawn, since photos of one part
 * resemble each other; none of a cross-calibrated model, whose calibration scores are of flows that have learned from
 * fewer photos and score higher: then later photos are compared with the first ones alone.
 */
export function driftReference({
  calibration: { scores, groups, method },
}: Pick<ModelMetadata, 'calibration'>): readonly number[] {
  switch (method.kind) {
    case 'cross':
      return [];
    case 'split': {
      const ofPart = new Map<number, number[]>();
      scores.forEach((score, i) => ofPart.set(groups[i], [...(ofPart.get(groups[i]) ?? []), score]));
      const random = new NumpyRandom(0);
      return [...ofPart].sort(([a], [b]) => a - b).map(([, own]) => own[random.integerUpTo(own.length - 1)]);
    }
  }
}
