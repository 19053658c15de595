import { gather, type Layout, type Node } from '../graph/index.js';
import { channelAxis, demandBranches, demandChannels } from './branch.js';
import type { InvertibleModule } from './invertible.js';

/**
 * A fixed permutation of each branch's channels: `y[:, i] = x[:, permutation[i]]`. Its log-det is 0.
 * @param permutations one a branch
 * @throws RangeError where one does not hold each of 0 … C − 1 once
 */
export function permutation(
  permutations: readonly ArrayLike<number>[],
  layout: Layout = 'NCHW',
): InvertibleModule {
  const apply = (branches: readonly Node[], orders: readonly (readonly number[])[]) => {
    demandBranches(branches, orders.length, 'permutation');
    return {
      outputs: branches.map((branch, i) => {
        demandChannels(branch, orders[i].length, layout, 'permutation');
        return gather(branch, channelAxis(branch, layout), orders[i]);
      }),
      logDets: branches.map(() => undefined),
    };
  };
  const orders = permutations.map((order) => Array.from(order));
  const inverses = orders.map((order) => {
    const inverse = new Array<number>(order.length).fill(-1);
    order.forEach((from, to) => (inverse[from] = to));
    if (inverse.length !== order.length || inverse.includes(-1)) {
      throw new RangeError(
        `permutation: expected each of 0 to ${order.length - 1} once, got ${order.join()}`,
      );
    }
    return inverse;
  });
  return {
    forward: (inputs) => apply(inputs, orders),
    inverse: (outputs) => apply(outputs, inverses),
  };
}
