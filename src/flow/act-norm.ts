import {
  add,
  div,
  exp,
  log,
  mul,
  neg,
  reduceSum,
  scalar,
  scale,
  sqrt,
  square,
  sub,
  type Layout,
  type Node,
} from '../graph/index.js';
import { alongChannels, channelAxis, demandBranches, positionsOf } from './branch.js';
import type { InvertibleModule } from './invertible.js';

/** The affine map of each channel of a branch. */
export interface ChannelAffine {
  /** log of the factor, [C] */
  readonly logScale: Node;
  /** What is added after the factor, [C] */
  readonly shift: Node;
}

/**
 * y = exp(logScale) · x + shift, channel by channel; the log-det is positions · Σ logScale, the same for every sample.
 * @param channels one a branch
 */
export function channelAffine(channels: readonly ChannelAffine[], layout: Layout = 'NCHW'): InvertibleModule {
  const logDet = (x: Node, { logScale }: ChannelAffine): Node =>
    scale(reduceSum(logScale, [0]), positionsOf(x, layout));
  return {
    forward(inputs) {
      demandBranches(inputs, channels.length, 'channelAffine');
      const outputs = inputs.map((x, i) => {
        const { logScale, shift } = channels[i];
        return add(mul(x, alongChannels(exp(logScale), x, layout)), alongChannels(shift, x, layout));
      });
      return { outputs, logDets: inputs.map((x, i) => logDet(x, channels[i])) };
    },
    inverse(outputs) {
      demandBranches(outputs, channels.length, 'channelAffine');
      const inputs = outputs.map((y, i) => {
        const { logScale, shift } = channels[i];
        const moved = sub(y, alongChannels(shift, y, layout));
        return mul(moved, alongChannels(exp(neg(logScale)), y, layout));
      });
      return { outputs: inputs, logDets: outputs.map((y, i) => neg(logDet(y, channels[i]))) };
    },
  };
}

/** Keeps the start moderate where a channel of the first batch hardly varies: its deviation counts as 1e-3 at least. */
const smallestVariance = 1e-6;

/**
 * The affine map that gives each channel of x mean 0 and deviation 1 over samples and positions: ActNorm's
 * data-dependent start (Kingma & Dhariwal, 2018, §3.1).
 * @param x of a known number of samples
 * @throws RangeError where there is but one value of each channel
 */
export function normalisingAffine(x: Node, layout: Layout = 'NCHW'): ChannelAffine {
  const channel = channelAxis(x, layout);
  const others = [...x.type.dims.keys()].filter((axis) => axis !== channel);
  const count = others.reduce((product, axis) => product * Number(x.type.dims[axis]), 1);
  if (!Number.isInteger(count)) throw new TypeError('ActNorm: expected a first batch of known size');
  if (count < 2)
    throw new RangeError('ActNorm: expected 2 or more values of each channel to start from, got 1');
  const mean = scale(reduceSum(x, others), 1 / count);
  const centred = sub(x, alongChannels(mean, x, layout));
  const variance = scale(reduceSum(square(centred), others), 1 / count);
  const deviation = sqrt(add(variance, scalar(smallestVariance)));
  return { logScale: neg(log(deviation)), shift: neg(div(mean, deviation)) };
}
