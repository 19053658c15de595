import { concat, spatialMap, type Node } from '../graph/index.js';
import { allScales, mapSizeAt, type FlowConfiguration } from './configuration.js';
import { nearestInterpolation } from './interpolation.js';

/**
 * The maps that the flow transforms, from those of all three scales [N, C, H/2ˢ, W/2ˢ]: the used ones, or for `concat`
 * one map of the first used scale's size with the channels of all.
 */
export function arrangeFeatures(
  features: readonly Node[],
  configuration: FlowConfiguration,
): readonly Node[] {
  const used = configuration.usedScales ?? allScales;
  if (configuration.cross !== 'concat') return used.map((scale) => features[scale]);
  const [height, width] = mapSizeAt(configuration, used[0]);
  const enlarged = used.map((scale) => {
    const [h, w] = mapSizeAt(configuration, scale);
    return scale === used[0]
      ? features[scale]
      : spatialMap(features[scale], 2, nearestInterpolation(h, height), nearestInterpolation(w, width));
  });
  return [concat(enlarged, 1)];
}
