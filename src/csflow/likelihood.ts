import {
  layoutAxes,
  type Layout,
  reduceSum,
  reduceSumSquare,
  scale,
  spatialMap,
  sub,
  type Node,
} from '../graph/index.js';
import {
  branchDimensions,
  branchesOf,
  latentDimensions,
  mapSizeAt,
  type FlowConfiguration,
} from './configuration.js';
import { total, type Latents } from './flow.js';
import { sumChannels } from '../flow/index.js';
import { linearInterpolation } from './interpolation.js';

/** Σ z² of each sample, over all scales: [N]. Space first: shorter float32 sums are more exact. */
function squaredNorm(z: readonly Node[], layout: Layout): Node {
  const { height, width } = layoutAxes[layout];
  return total(z.map((part) => sumChannels(reduceSumSquare(part, [height, width]), layout)));
}

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
  const lossOf = (parts: readonly Node[], dets: readonly Node[], dimensions: number): Node => {
    const perSample = sub(scale(squaredNorm(parts, layout), 0.5), total(dets));
    return scale(reduceSum(perSample, [0]), 1 / (batch * dimensions));
  };
  if (configuration.cross !== 'none') return lossOf(z, logDets, latentDimensions(configuration));
  const branches = branchesOf(configuration);
  return total(
    branches.map((branch, i) => lossOf([z[i]], [logDets[i]], branchDimensions(configuration, branch))),
  );
}

/** The anomaly score of an image: the mean of z²/2 over all values of all scales, [N]; the log-det is left out. */
export function anomalyScore(z: readonly Node[], configuration: FlowConfiguration): Node {
  return scale(squaredNorm(z, 'NCHW'), 0.5 / latentDimensions(configuration));
}

/** The mean of z² over the channels of each scale: [N, H/2ˢ, W/2ˢ]. */
export function scaleMaps(z: readonly Node[], configuration: FlowConfiguration): readonly Node[] {
  return z.map((part) => scale(reduceSumSquare(part, [1]), 1 / branchesOf(configuration)[0].channels));
}

/** The anomaly map: the finest branch's mean of z², bilinear to the image's size; [N, height, width]. */
export function anomalyMap(
  z: readonly Node[],
  configuration: FlowConfiguration,
  [height, width]: readonly [number, number],
): Node {
  const [finest] = scaleMaps(z, configuration);
  const [mapHeight, mapWidth] = mapSizeAt(configuration, branchesOf(configuration)[0].scale);
  return spatialMap(finest, 1, linearInterpolation(mapHeight, height), linearInterpolation(mapWidth, width));
}
