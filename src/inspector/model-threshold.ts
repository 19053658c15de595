import {
  bandAtChosenValue,
  bandAtValue,
  calibrateSorted,
  neededParts,
  rateAbove,
  type Calibration,
  type GoodScores,
} from '../evaluation/index.js';
import { readOnnxMetadata, withOnnxMetadata } from '../graph/index.js';
import { decodeMetadata, encodeEntry, type ModelMetadata, type ThresholdOrigin } from './model-metadata.js';

/** The threshold of an image's score, in the model file. */
export type ImageThreshold = Pick<
  ModelMetadata['threshold'],
  'value' | 'falseRejectRate' | 'enough' | 'neededImages' | 'band' | 'origin'
>;

/** The calibration scores of a model with the parts they are of. */
export function goodScoresOf({ calibration }: ModelMetadata): GoodScores {
  return { scores: Float64Array.from(calibration.scores), groups: Int32Array.from(calibration.groups) };
}

/** The threshold that the calibration scores give for a wanted false-reject rate. */
export function thresholdForRate(good: GoodScores, falseRejectRate: number): ImageThreshold {
  return calibratedThreshold(calibrateSorted(good, falseRejectRate));
}

/** A calibration's threshold as the model file has it. */
export function calibratedThreshold({
  threshold,
  falseRejectRate,
  enough,
  neededImages,
  band,
}: Calibration): ImageThreshold {
  return { value: threshold, falseRejectRate, enough, neededImages, band, origin: { kind: 'calibration' } };
}

/**
 * A threshold that was set otherwise, with what the calibration scores say of it: the band of Clopper and Pearson (where
 * they chose the threshold, that which holds for any choice), and (1 + Σ over parts of the share of the part's scores above it) / (parts + 1) as the rate to be expected.
 */
export function thresholdAtValue(
  good: GoodScores,
  value: number,
  origin: Exclude<ThresholdOrigin, { kind: 'calibration' }>,
): ImageThreshold {
  const falseRejectRate = rateAbove(good, value);
  return {
    value,
    falseRejectRate,
    enough: true,
    neededImages: neededParts(falseRejectRate),
    band: choseItself(origin) ? bandAtChosenValue(good, value) : bandAtValue(good, value),
    origin,
  };
}

/** Whether the calibration scores took part in choosing a threshold among known images. */
export function choseItself(origin: ThresholdOrigin): boolean {
  return 'goodScores' in origin && origin.goodScores !== undefined && origin.goodScores !== 'test';
}

/** The model file with another threshold and nothing else changed; `source` names the file in errors. */
export function withThreshold(model: Uint8Array, threshold: ImageThreshold, source: string): Uint8Array {
  const properties = readOnnxMetadata(model, source);
  const entry = encodeEntry('threshold', { ...decodeMetadata(properties, source).threshold, ...threshold });
  return withOnnxMetadata(model, { ...properties, ...entry }, source);
}
