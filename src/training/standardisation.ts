import type { FeatureSet } from './feature-set.js';

/** Per scale, each channel's mean and deviation: (x − mean) / deviation, an invertible affine map. */
export interface Standardisation {
  readonly scales: readonly { readonly mean: Float32Array; readonly deviation: Float32Array }[];
}

/** A channel that hardly varies would be blown up by its deviation. */
const smallestDeviation = 1e-4;

/** Means and deviations over images and positions of the training images, positions by the share they count. */
export function fitStandardisation(features: FeatureSet): Standardisation {
  return {
    scales: features.scales.map((values, s) => {
      const [height, width] = features.mapSizes[s];
      const area = height * width;
      const shares = features.shares?.[s];
      const mean = new Float32Array(features.channels);
      const deviation = new Float32Array(features.channels);
      for (let c = 0; c < features.channels; c++) {
        let sum = 0;
        let squares = 0;
        let n = 0;
        for (let i = 0; i < features.count; i++) {
          const start = (i * features.channels + c) * area;
          for (let p = 0; p < area; p++) {
            const value = values[start + p];
            const share = shares === undefined ? 1 : shares[i * area + p];
            sum += share * value;
            squares += share * value * value;
            n += share;
          }
        }
        mean[c] = sum / n;
        deviation[c] = Math.max(smallestDeviation, Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)));
      }
      return { mean, deviation };
    }),
  };
}

/** Leaves features as they are. */
export function identityStandardisation(channels: number, scales: number): Standardisation {
  return {
    scales: Array.from({ length: scales }, () => ({
      mean: new Float32Array(channels),
      deviation: new Float32Array(channels).fill(1),
    })),
  };
}

/** Standardises a set in place: the features as they came are not needed again. */
export function standardiseInPlace(features: FeatureSet, { scales }: Standardisation): void {
  features.scales.forEach((values, s) => {
    const [height, width] = features.mapSizes[s];
    const { mean, deviation } = scales[s];
    const area = height * width;
    for (let row = 0; row < features.count * features.channels; row++) {
      const c = row % features.channels;
      const factor = 1 / deviation[c];
      for (let p = row * area; p < (row + 1) * area; p++) values[p] = (values[p] - mean[c]) * factor;
    }
  });
}
