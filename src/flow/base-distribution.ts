import { add, reduceSum, scale, sub, type Layout, type Node } from '../graph/index.js';
import { squaredNorm } from './branch.js';
import type { Transformed } from './invertible.js';

/** The sum of nodes of one shape, or of shapes that broadcast; there must be one at least. */
export const total = (parts: readonly Node[]): Node => parts.reduce((sum, part) => add(sum, part));

/**
 * The loss of a flow with a standard normal base (WACV 2022, eq. 6): the mean over samples of
 * (½‖z‖² − log |det J|) / D. The constant ½ log 2π is left out.
 * @param batch samples in the batch
 * @param dimensions D, the latent values of one sample
 */
export function normalNegativeLogLikelihood(
  { outputs, logDets }: Transformed,
  batch: number,
  dimensions: number,
  layout: Layout = 'NCHW',
): Node {
  const energy = scale(total(outputs.map((z) => squaredNorm(z, layout))), 0.5);
  const known = logDets.filter((logDet) => logDet !== undefined);
  const perSample = known.length === 0 ? energy : sub(energy, total(known));
  return scale(reduceSum(perSample, [0]), 1 / (batch * dimensions));
}
