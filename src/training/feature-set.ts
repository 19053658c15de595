import { samplesAt, type FloatTensor } from '../tensor/tensor.js';

/** The feature maps of many images: per scale one array of [count, C, H/2ˢ, W/2ˢ]. */
export interface FeatureSet {
  readonly count: number;
  readonly channels: number;
  readonly mapSizes: readonly (readonly [height: number, width: number])[];
  readonly scales: readonly Float32Array[];
}

/** Joins each image's maps; `maps[i][s]` are the values of image i at scale s. */
export function featureSet(
  maps: readonly (readonly Float32Array[])[],
  channels: number,
  mapSizes: FeatureSet['mapSizes'],
): FeatureSet {
  const scales = mapSizes.map(([height, width], s) => {
    const perImage = channels * height * width;
    const joined = new Float32Array(perImage * maps.length);
    maps.forEach((image, i) => {
      if (image[s]?.length !== perImage) {
        throw new RangeError(
          `features of image ${i}, scale ${s}: expected ${perImage} values, got ${image[s]?.length}`,
        );
      }
      joined.set(image[s], i * perImage);
    });
    return joined;
  });
  return { count: maps.length, channels, mapSizes, scales };
}

/** The samples at `indices`, as one tensor a scale. */
export function batchOf(features: FeatureSet, indices: ArrayLike<number>): readonly FloatTensor[] {
  return features.scales.map((values, s) => {
    const [height, width] = features.mapSizes[s];
    const perImage = features.channels * height * width;
    const data = samplesAt(values, perImage, indices);
    return { dtype: 'float32', dims: [indices.length, features.channels, height, width], data };
  });
}

/** The samples at `indices` as inputs x0, x1, x2; those a program does not read are left out. */
export function feedsOf(
  features: FeatureSet,
  indices: ArrayLike<number>,
  inputNames: readonly string[],
): Readonly<Record<string, FloatTensor>> {
  const named = batchOf(features, indices).map((tensor, s) => [`x${s}`, tensor] as const);
  return Object.fromEntries(named.filter(([name]) => inputNames.includes(name)));
}
