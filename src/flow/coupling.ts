import { add, clip, concat, exp, mul, neg, slice, sub, type Layout, type Node } from '../graph/index.js';
import { channelAxis, sumPerSample } from './branch.js';
import { sumLogDets, type InvertibleModule, type Transformed } from './invertible.js';

/** From the conditioning halves of all branches to one value for each branch. */
export type CouplingSubnet = (halves: readonly Node[]) => readonly Node[];

/** How a half is changed: x ↦ exp(logScale) · x + shift; without a logScale, by the shift alone. */
export interface HalfChange {
  readonly logScale?: Node;
  readonly shift: Node;
}

/** What the conditioning halves make of the others, one a branch. */
export type Conditioner = (halves: readonly Node[]) => readonly HalfChange[];

export interface CouplingOptions {
  /** Channels of the first half of every branch. */
  readonly firstChannels: number;
  /** Channels of the second half. */
  readonly secondChannels: number;
  /** Values are cut to ± this after the coupling; the cut has no log-det and no inverse. Default: no cut. */
  readonly bound?: number;
  /** Default NCHW. */
  readonly layout?: Layout;
}

function changed(x: Node, { logScale, shift }: HalfChange): Node {
  return add(logScale === undefined ? x : mul(exp(logScale), x), shift);
}

function unchanged(y: Node, { logScale, shift }: HalfChange): Node {
  const moved = sub(y, shift);
  return logScale === undefined ? moved : mul(moved, exp(neg(logScale)));
}

/**
 * Two-sided coupling of several branches (Dinh et al., 2015, §3.2): with x = (x₁, x₂) over channels, the first half is
 * changed as the second says, then the second as the new first says. The Jacobian of either is triangular.
 * @param changeOfFirst from the second halves; @param changeOfSecond from the first halves, already changed
 */
export function coupling(
  { firstChannels, secondChannels, bound, layout = 'NCHW' }: CouplingOptions,
  changeOfFirst: Conditioner,
  changeOfSecond: Conditioner,
): InvertibleModule {
  const channels = firstChannels + secondChannels;
  const halves = (branches: readonly Node[]) => ({
    first: branches.map((x) => slice(x, channelAxis(x, layout), 0, firstChannels)),
    second: branches.map((x) => slice(x, channelAxis(x, layout), firstChannels, channels)),
  });
  const logDetsOf = (changes: readonly HalfChange[]) =>
    changes.map(({ logScale }) => (logScale === undefined ? undefined : sumPerSample(logScale, layout)));
  const joined = (first: readonly Node[], second: readonly Node[]): readonly Node[] =>
    first.map((half, i) => concat([half, second[i]], channelAxis(half, layout)));
  return {
    forward(inputs): Transformed {
      const { first, second } = halves(inputs);
      const changes1 = changeOfFirst(second);
      const y1 = first.map((x, i) => changed(x, changes1[i]));
      const changes2 = changeOfSecond(y1);
      const y2 = second.map((x, i) => changed(x, changes2[i]));
      const outputs = joined(y1, y2);
      return {
        outputs: bound === undefined ? outputs : outputs.map((y) => clip(y, -bound, bound)),
        logDets: sumLogDets(logDetsOf(changes1), logDetsOf(changes2)),
      };
    },
    inverse(outputs): Transformed {
      const { first, second } = halves(outputs);
      const changes2 = changeOfSecond(first);
      const x2 = second.map((y, i) => unchanged(y, changes2[i]));
      const changes1 = changeOfFirst(x2);
      const x1 = first.map((y, i) => unchanged(y, changes1[i]));
      const logDets = sumLogDets(logDetsOf(changes2), logDetsOf(changes1));
      return {
        outputs: joined(x1, x2),
        logDets: logDets.map((logDet) => (logDet === undefined ? undefined : neg(logDet))),
      };
    },
  };
}
