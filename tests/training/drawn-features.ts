import type { FlowConfiguration } from '#csflow/csflow/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { featureSet, type FeatureSet } from '#csflow/training/index.js';

export const smallConfiguration: FlowConfiguration = {
  channels: 6,
  mapSize: [4, 8],
  hidden: 8,
  kernels: [3, 5],
  clamp: 3,
  gamma: true,
};

/** Features with structure to learn: channels that depend on each other, and a level of each image's own. */
export function drawnFeatures(count: number, seed = 1): FeatureSet {
  const random = new NumpyRandom(seed);
  const mapSizes = [0, 1, 2].map((s) => [4 >> s, 8 >> s] as const);
  const maps = Array.from({ length: count }, () => {
    const level = random.normal();
    return mapSizes.map(([height, width]) => {
      const area = height * width;
      return Float32Array.from(
        { length: 6 * area },
        (_, i) => level + Math.floor(i / area) + 0.3 * random.normal(),
      );
    });
  });
  return featureSet(maps, 6, mapSizes);
}
