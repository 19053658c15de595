import { concat, slice, type Layout } from '../graph/index.js';
import { channelAxis, channelsOf, demandBranches } from './branch.js';
import type { InvertibleModule } from './invertible.js';

/**
 * One branch becomes two, so that one can leave early (RealNVP; Dinh et al., 2017, §3.6): the first `channels` channels
 * and the rest. Its log-det is 0.
 */
export function split(channels: number, layout: Layout = 'NCHW'): InvertibleModule {
  return {
    forward(inputs) {
      demandBranches(inputs, 1, 'split');
      const [x] = inputs;
      const axis = channelAxis(x, layout);
      const parts = [slice(x, axis, 0, channels), slice(x, axis, channels, channelsOf(x, layout))];
      return { outputs: parts, logDets: [undefined] };
    },
    inverse(outputs) {
      demandBranches(outputs, 2, 'split');
      return {
        outputs: [concat(outputs, channelAxis(outputs[0], layout))],
        logDets: [undefined, undefined],
      };
    },
  };
}
