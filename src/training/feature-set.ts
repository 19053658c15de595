import { samplesAt, type FloatTensor } from '../tensor/tensor.js';

/** The feature maps of many images: per scale one array of [count, C, H/2ˢ, W/2ˢ]. */
export interface FeatureSet {
  readonly count: number;
  readonly channels: number;
  readonly mapSizes: readonly (readonly [height: number, width: number])[];
  readonly scales: readonly Float32Array[];
  /** How much each position counts, from 0 to 1: per scale [count, H/2ˢ, W/2ˢ]. Left out: all count fully. */
  readonly shares?: readonly Float32Array[];
}

/**
 * Joins each image's maps; `maps[i][s]` are the values of image i at scale s.
 * @param shares how much the positions of image i count at scale s, `shares[i][s]`; default: fully
 */
export function featureSet(
  maps: readonly (readonly Float32Array[])[],
  channels: number,
  mapSizes: FeatureSet['mapSizes'],
  shares?: readonly (readonly Float32Array[])[],
): FeatureSet {
  const scales = joined(maps, channels, mapSizes);
  return {
    count: maps.length,
    channels,
    mapSizes,
    scales,
    ...(shares && { shares: joined(shares, 1, mapSizes) }),
  };
}

function joined(
  maps: readonly (readonly Float32Array[])[],
  channels: number,
  mapSizes: FeatureSet['mapSizes'],
): readonly Float32Array[] {
  return mapSizes.map(([height, width], s) => {
    const perImage = channels * height * width;
    const values = new Float32Array(perImage * maps.length);
    maps.forEach((image, i) => {
      if (image[s]?.length !== perImage) {
        throw new RangeError(
          `features of image ${i}, scale ${s}: expected ${perImage} values, got ${image[s]?.length}`,
        );
      }
      values.set(image[s], i * perImage);
    });
    return values;
  });
}

/** The samples at `indices`, as one tensor a scale. */
export function batchOf(features: FeatureSet, indices: ArrayLike<number>): readonly FloatTensor[] {
  return samplesOf(features.scales, features.channels, features.mapSizes, indices);
}

function samplesOf(
  scales: readonly Float32Array[],
  channels: number,
  mapSizes: FeatureSet['mapSizes'],
  indices: ArrayLike<number>,
): readonly FloatTensor[] {
  return scales.map((values, s) => {
    const [height, width] = mapSizes[s];
    const data = samplesAt(values, channels * height * width, indices);
    return { dtype: 'float32', dims: [indices.length, channels, height, width], data };
  });
}

/**
 * The samples at `indices` as inputs x0, x1, x2 and, where positions count by a share, w0, w1, w2; those a program does
 * not read are left out.
 */
export function feedsOf(
  features: FeatureSet,
  indices: ArrayLike<number>,
  inputNames: readonly string[],
): Readonly<Record<string, FloatTensor>> {
  const shares = samplesOf(features.shares ?? [], 1, features.mapSizes, indices);
  const named = [
    ...batchOf(features, indices).map((tensor, s) => [`x${s}`, tensor] as const),
    ...shares.map((tensor, s) => [`w${s}`, tensor] as const),
  ];
  return Object.fromEntries(named.filter(([name]) => inputNames.includes(name)));
}

/** The mean share by which positions count; undefined where all count fully. */
export function meanShareOf({ shares }: FeatureSet): number | undefined {
  if (shares === undefined) return undefined;
  return shares[0].reduce((sum, share) => sum + share, 0) / shares[0].length;
}
