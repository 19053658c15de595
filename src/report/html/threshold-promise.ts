import type { ModelMetadata } from '../../inspector/model-metadata.js';

/** What is known of the share of good parts that a threshold rejects before any of them was tested. */
export type ThresholdPromise =
  /** On average no larger share than asked for is rejected, whatever the distribution of scores. */
  | { readonly kind: 'kept' }
  /** The share asked for, as far as the model scores new parts as the flows did that set the threshold. */
  | { readonly kind: 'crossed' }
  /** Too few parts for the share asked for. `atMost` is what is rejected on average at most; undefined where nothing bounds it. */
  | { readonly kind: 'too-few'; readonly atMost: number | undefined }
  /** The threshold was set otherwise than for a share of good parts. */
  | { readonly kind: 'none' };

/** docs/thresholds.md says why: of G held-out parts and a new one, each is the highest equally often. */
export function promiseOf({
  threshold,
  calibration,
  data,
}: Pick<ModelMetadata, 'threshold' | 'calibration' | 'data'>): ThresholdPromise {
  if (threshold.origin.kind !== 'calibration') return { kind: 'none' };
  const crossed = calibration.method.kind === 'cross';
  if (!threshold.enough) {
    return { kind: 'too-few', atMost: crossed ? undefined : 1 / (data.calibrationGroups + 1) };
  }
  return { kind: crossed ? 'crossed' : 'kept' };
}
