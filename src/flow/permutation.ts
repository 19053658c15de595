import { gather, layoutAxes, type Layout, type Node } from '../graph/index.js';
import type { InvertibleModule } from './invertible.js';

/**
 * A fixed permutation of each branch's channels: `y[:, i] = x[:, permutation[i]]`. Its log-det is 0.
 * @param permutations one a branch
 */
export function permutation(
  permutations: readonly ArrayLike<number>[],
  layout: Layout = 'NCHW',
): InvertibleModule {
  const apply = (branches: readonly Node[], orders: readonly (readonly number[])[]) => ({
    outputs: branches.map((branch, i) => gather(branch, layoutAxes[layout].channel, orders[i])),
    logDets: branches.map(() => undefined),
  });
  const orders = permutations.map((order) => Array.from(order));
  const inverses = orders.map((order) => {
    const inverse = new Array<number>(order.length);
    order.forEach((from, to) => (inverse[from] = to));
    return inverse;
  });
  return {
    forward: (inputs) => apply(inputs, orders),
    inverse: (outputs) => apply(outputs, inverses),
  };
}
