import { reduceSumSquare, scale, spatialMap, type Layout, type Node } from '../graph/index.js';
import {
  branchDimensions,
  branchesOf,
  latentDimensions,
  mapSizeAt,
  type FlowConfiguration,
} from './configuration.js';
import { normalNegativeLogLikelihood, squaredNorm, total } from '../flow/index.js';
import type { Latents } from './flow.js';
import { linearInterpolation } from './interpolation.js';
import { combineMaps, defaultMapCombination, type MapCombination } from './map-combination.js';

/**
 * The loss (WACV 2022, eq. 6): the mean over samples of (½‖z‖² − log |det J|) / D, D = latent values of a sample.
 * @param batch samples in the batch
 */
export function negativeLogLikelihood(
  { z, logDets }: Latents,
  configuration: FlowConfiguration,
  batch: number,
  layout: Layout = 'NCHW',
): Node {
  const lossOf = (outputs: readonly Node[], logDets: readonly Node[], dimensions: number): Node =>
    normalNegativeLogLikelihood({ outputs, logDets }, batch, dimensions, layout);
  if (configuration.cross !== 'none') return lossOf(z, logDets, latentDimensions(configuration));
  const branches = branchesOf(configuration);
  return total(
    branches.map((branch, i) => lossOf([z[i]], [logDets[i]], branchDimensions(configuration, branch))),
  );
}

/** The anomaly score of an image: the mean of z²/2 over all values of all scales, [N]; the log-det is left out. */
export function anomalyScore(z: readonly Node[], configuration: FlowConfiguration): Node {
  return scale(total(z.map((part) => squaredNorm(part))), 0.5 / latentDimensions(configuration));
}

/** The mean of z² over the channels of each scale: [N, H/2ˢ, W/2ˢ]. */
export function scaleMaps(z: readonly Node[], configuration: FlowConfiguration): readonly Node[] {
  return z.map((part) => scale(reduceSumSquare(part, [1]), 1 / branchesOf(configuration)[0].channels));
}

/**
 * The anomaly map: each branch's mean of z², bilinear to the image's size, and these combined; [N, height, width].
 * Of one branch alone every combination is that branch's map.
 */
export function anomalyMap(
  z: readonly Node[],
  configuration: FlowConfiguration,
  [height, width]: readonly [number, number],
  combination: MapCombination = defaultMapCombination,
): Node {
  const branches = branchesOf(configuration);
  const enlarged = scaleMaps(z, configuration).map((map, i) => {
    const [mapHeight, mapWidth] = mapSizeAt(configuration, branches[i].scale);
    return spatialMap(map, 1, linearInterpolation(mapHeight, height), linearInterpolation(mapWidth, width));
  });
  return combineMaps(enlarged, combination);
}
