import {
  add,
  atan,
  clip,
  concat,
  exp,
  mul,
  neg,
  reduceSum,
  scale,
  slice,
  sub,
  type Node,
  layoutAxes,
  type Layout,
} from '../graph/index.js';
import { sumLogDets, type InvertibleModule } from './invertible.js';

/** From the branches' conditioning halves to each branch's (s, t), concatenated over channels. */
export type CouplingSubnet = (inputs: readonly Node[]) => readonly Node[];

export interface AffineCouplingOptions {
  /** Channels of the first half of every branch. */
  readonly firstChannels: number;
  /** Channels of the second half. */
  readonly secondChannels: number;
  /** Bound of the log-scale; 0 leaves it free. */
  readonly clamp: number;
  /** (s, t) of the second half, from the new first half. */
  readonly subnet1: CouplingSubnet;
  /** (s, t) of the first half, from the second. */
  readonly subnet2: CouplingSubnet;
  /** Default NCHW. */
  readonly layout?: Layout;
}

/** Values are cut to ± this after a block, which keeps a diverging training finite; the cut has no log-det. */
export const outputBound = 1e6;

/** l(s) = clamp · 0.636 · atan(s / clamp), or s itself for clamp 0 (RealNVP's exponent, softly clamped). */
function logScale(s: Node, clamp: number): Node {
  return clamp > 0 ? scale(atan(scale(s, 1 / clamp)), clamp * 0.636) : s;
}

/** Sum over channels of what is left of a map once height and width are summed: [N]. */
export function sumChannels(perChannel: Node, layout: Layout): Node {
  const { batch, channel } = layoutAxes[layout];
  return reduceSum(perChannel, [channel > batch ? 1 : 0]);
}

/** Sum over everything but the samples: [N]. Space before channels: shorter float32 sums are more exact. */
export function sumPerSample(x: Node, layout: Layout = 'NCHW'): Node {
  const { height, width } = layoutAxes[layout];
  return sumChannels(reduceSum(x, [height, width]), layout);
}

/**
 * Affine coupling of several branches (RealNVP; CS-Flow, WACV 2022, §3.2): with x = (x₁, x₂) over channels,
 * y₁ = exp(l(s))·x₁ + t from x₂, then y₂ = exp(l(s'))·x₂ + t' from y₁.
 */
export function affineCoupling(options: AffineCouplingOptions): InvertibleModule {
  const { firstChannels, secondChannels, clamp, subnet1, subnet2, layout = 'NCHW' } = options;
  const axis = layoutAxes[layout].channel;
  const channels = firstChannels + secondChannels;
  const halves = (branches: readonly Node[]) => ({
    first: branches.map((x) => slice(x, axis, 0, firstChannels)),
    second: branches.map((x) => slice(x, axis, firstChannels, channels)),
  });
  const scaleAndShift = (st: Node, width: number) => ({
    l: logScale(slice(st, axis, 0, width), clamp),
    t: slice(st, axis, width, 2 * width),
  });
  const transform = (parts: readonly Node[], subnetOutput: readonly Node[], width: number) => {
    const pieces = parts.map((x, i) => {
      const { l, t } = scaleAndShift(subnetOutput[i], width);
      return { y: add(mul(exp(l), x), t), logDet: sumPerSample(l, layout) };
    });
    return { outputs: pieces.map(({ y }) => y), logDets: pieces.map(({ logDet }) => logDet) };
  };
  const undo = (parts: readonly Node[], subnetOutput: readonly Node[], width: number) => {
    const pieces = parts.map((y, i) => {
      const { l, t } = scaleAndShift(subnetOutput[i], width);
      return { x: mul(sub(y, t), exp(neg(l))), logDet: neg(sumPerSample(l, layout)) };
    });
    return { outputs: pieces.map(({ x }) => x), logDets: pieces.map(({ logDet }) => logDet) };
  };
  return {
    forward(inputs) {
      const { first, second } = halves(inputs);
      const y1 = transform(first, subnet2(second), firstChannels);
      const y2 = transform(second, subnet1(y1.outputs), secondChannels);
      const outputs = y1.outputs.map((part, i) =>
        clip(concat([part, y2.outputs[i]], axis), -outputBound, outputBound),
      );
      return { outputs, logDets: sumLogDets(y1.logDets, y2.logDets) };
    },
    inverse(outputs) {
      const { first, second } = halves(outputs);
      const x2 = undo(second, subnet1(first), secondChannels);
      const x1 = undo(first, subnet2(x2.outputs), firstChannels);
      return {
        outputs: x1.outputs.map((part, i) => concat([part, x2.outputs[i]], axis)),
        logDets: sumLogDets(x1.logDets, x2.logDets),
      };
    },
  };
}
