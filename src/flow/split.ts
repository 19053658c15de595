import { concat, slice, type Layout } from '../graph/index.js';
import { channelAxis, channelsOf } from './branch.js';
import type { InvertibleModule } from './invertible.js';

/**
 * One branch becomes two, so that one can leave early (RealNVP; Dinh et al., 2017, §3.6): the first `channels` channels
 * and the rest. Its log-det is 0.
 */
export function split(channels: number, layout: Layout = 'NCHW'): InvertibleModule {
  return {
    forward: ([x]) => {
      const axis = channelAxis(x, layout);
      const parts = [slice(x, axis, 0, channels), slice(x, axis, channels, channelsOf(x, layout))];
      return { outputs: parts, logDets: [undefined] };
    },
    inverse: ([first, second]) => ({
      outputs: [concat([first, second], channelAxis(first, layout))],
      logDets: [undefined, undefined],
    }),
  };
}
