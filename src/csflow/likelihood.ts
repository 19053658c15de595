import {
  constant,
  mul,
  reduceSum,
  reduceSumSquare,
  scale,
  spatialMap,
  sqrt,
  type Layout,
  type Node,
} from '../graph/index.js';
import { floatTensor } from '../tensor/tensor.js';
import {
  branchDimensions,
  branchesOf,
  latentDimensions,
  mapSizeAt,
  type FlowConfiguration,
} from './configuration.js';
import { normalNegativeLogLikelihood, squaredNorm, total } from '../flow/index.js';
import type { Latents } from './flow.js';
import { enlarge, type CountedRegion } from './counted-region.js';
import { nearestInterpolation } from './interpolation.js';
import { combineMaps, defaultMapCombination, type MapCombination } from './map-combination.js';

/** How much each position counts in a loss: those outside a region of interest do not. */
export interface CountedPositions {
  /** Of each branch, one channel in its layout; values from 0 to 1. */
  readonly shares: readonly Node[];
  /** Their mean over all training samples. */
  readonly meanShare: number;
}

/**
 * The loss (WACV 2022, eq. 6): the mean over samples of (½‖z‖² − log |det J|) / D, D = latent values of a sample.
 * @param batch samples in the batch
 * @param counted where positions count by a share: that of the log-dets is theirs already (see `csFlow`), that of D the
 * mean, so that the loss is one of the values that count
 */
export function negativeLogLikelihood(
  { z, logDets }: Latents,
  configuration: FlowConfiguration,
  batch: number,
  layout: Layout = 'NCHW',
  counted?: CountedPositions,
): Node {
  // Of values times √share, the squares are the squares' share.
  const latents = counted === undefined ? z : z.map((part, i) => mul(part, sqrt(counted.shares[i])));
  const lossOf = (outputs: readonly Node[], logDets: readonly Node[], dimensions: number): Node =>
    normalNegativeLogLikelihood({ outputs, logDets }, batch, dimensions * (counted?.meanShare ?? 1), layout);
  if (configuration.cross !== 'none') return lossOf(latents, logDets, latentDimensions(configuration));
  const branches = branchesOf(configuration);
  return total(
    branches.map((branch, i) => lossOf([latents[i]], [logDets[i]], branchDimensions(configuration, branch))),
  );
}

/**
 * The anomaly score of an image: the mean of z²/2 over all values of all scales, [N]; the log-det is left out. With a
 * region, values count by the share of their position inside.
 */
export function anomalyScore(
  z: readonly Node[],
  configuration: FlowConfiguration,
  region?: CountedRegion,
): Node {
  if (region === undefined) {
    return scale(total(z.map((part) => squaredNorm(part))), 0.5 / latentDimensions(configuration));
  }
  const branches = branchesOf(configuration);
  const shares = branches.map((branch) => region.shares[branch.scale]);
  const energies = z.map((part, i) => {
    const atPositions = constant(floatTensor([1, ...mapSizeAt(configuration, branches[i].scale)], shares[i]));
    return reduceSum(mul(reduceSumSquare(part, [1]), atPositions), [1, 2]);
  });
  const inside = branches.reduce(
    (sum, { channels }, i) => sum + channels * shares[i].reduce((all, share) => all + share, 0),
    0,
  );
  return scale(total(energies), 0.5 / inside);
}

/**
 * Where the anomaly score lies: [N, H/2ˢ, W/2ˢ] of the finest branch, a coarser one spread evenly over the positions it
 * covers. Its mean is the score, and its mean by the shares inside a region is the region's score.
 */
export function scoreMap(z: readonly Node[], configuration: FlowConfiguration): Node {
  const branches = branchesOf(configuration);
  const [height, width] = mapSizeAt(configuration, branches[0].scale);
  const spread = z.map((part, i) => {
    const energy = reduceSumSquare(part, [1]);
    const [h, w] = mapSizeAt(configuration, branches[i].scale);
    if (h === height) return energy;
    const enlarged = spatialMap(energy, 1, nearestInterpolation(h, height), nearestInterpolation(w, width));
    return scale(enlarged, (h * w) / (height * width));
  });
  return scale(total(spread), (0.5 * height * width) / latentDimensions(configuration));
}

/** The mean of z² over the channels of each scale: [N, H/2ˢ, W/2ˢ]. */
export function scaleMaps(z: readonly Node[], configuration: FlowConfiguration): readonly Node[] {
  return z.map((part) => scale(reduceSumSquare(part, [1]), 1 / branchesOf(configuration)[0].channels));
}

/**
 * The anomaly map: each branch's mean of z², bilinear to the image's size, and these combined; [N, height, width].
 * Of one branch alone every combination is that branch's map. With a region it is 0 outside, and positions outside do not
 * shine into it.
 */
export function anomalyMap(
  z: readonly Node[],
  configuration: FlowConfiguration,
  size: readonly [height: number, width: number],
  combination: MapCombination = defaultMapCombination,
  region?: CountedRegion,
): Node {
  const branches = branchesOf(configuration);
  const enlarged = scaleMaps(z, configuration).map((map, i) => {
    const { scale } = branches[i];
    const counted = region && { shares: region.shares[scale], inside: region.inside };
    return enlarge(map, mapSizeAt(configuration, scale), size, counted);
  });
  return combineMaps(enlarged, combination);
}
