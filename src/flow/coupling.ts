import {
  add,
  clip,
  concat,
  exp,
  mul,
  neg,
  sameDims,
  showDims,
  slice,
  sub,
  type Layout,
  type Node,
} from '../graph/index.js';
import { channelAxis, demandBranches, demandChannels, sumPerSample } from './branch.js';
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
  /**
   * One a branch, of its sides but for one channel: how much each position counts in the log-det, which is then no
   * volume any more but a share of one. Default: all count fully.
   */
  readonly positionShares?: readonly Node[];
}

/** Halves of a number of channels: floor(C/2) and the rest. */
export function halvesOf(channels: number): readonly [first: number, second: number] {
  const first = Math.floor(channels / 2);
  return [first, channels - first];
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
 * @param changeOfFirst from the second halves
 * @param changeOfSecond from the first halves, already changed
 * @throws TypeError, when applied, for branches of other channels or subnets that give other sides than the half's
 */
export function coupling(
  { firstChannels, secondChannels, bound, layout = 'NCHW', positionShares }: CouplingOptions,
  changeOfFirst: Conditioner,
  changeOfSecond: Conditioner,
): InvertibleModule {
  const channels = firstChannels + secondChannels;
  const halves = (branches: readonly Node[]) => {
    for (const x of branches) demandChannels(x, channels, layout, 'coupling');
    return {
      first: branches.map((x) => slice(x, channelAxis(x, layout), 0, firstChannels)),
      second: branches.map((x) => slice(x, channelAxis(x, layout), firstChannels, channels)),
    };
  };
  /** Broadcasting would take a log-scale of fewer values and count it too seldom. */
  const checked = (changes: readonly HalfChange[], parts: readonly Node[]): readonly HalfChange[] => {
    demandBranches(parts, changes.length, "coupling's subnet");
    changes.forEach(({ logScale, shift }, i) => {
      const { dims } = parts[i].type;
      for (const value of logScale === undefined ? [shift] : [logScale, shift]) {
        if (sameDims(value.type.dims, dims)) continue;
        throw new TypeError(
          `coupling's subnet: expected ${showDims(dims)}, as the half it changes, got ${showDims(value.type.dims)}`,
        );
      }
    });
    return changes;
  };
  const counted = (logScale: Node, branch: number): Node =>
    positionShares === undefined ? logScale : mul(logScale, positionShares[branch]);
  const logDetsOf = (changes: readonly HalfChange[]) =>
    changes.map(({ logScale }, i) =>
      logScale === undefined ? undefined : sumPerSample(counted(logScale, i), layout),
    );
  const joined = (first: readonly Node[], second: readonly Node[]): readonly Node[] =>
    first.map((half, i) => concat([half, second[i]], channelAxis(half, layout)));
  return {
    forward(inputs): Transformed {
      const { first, second } = halves(inputs);
      const changes1 = checked(changeOfFirst(second), first);
      const y1 = first.map((x, i) => changed(x, changes1[i]));
      const changes2 = checked(changeOfSecond(y1), second);
      const y2 = second.map((x, i) => changed(x, changes2[i]));
      const outputs = joined(y1, y2);
      return {
        outputs: bound === undefined ? outputs : outputs.map((y) => clip(y, -bound, bound)),
        logDets: sumLogDets(logDetsOf(changes1), logDetsOf(changes2)),
      };
    },
    inverse(outputs): Transformed {
      const { first, second } = halves(outputs);
      const changes2 = checked(changeOfSecond(first), second);
      const x2 = second.map((y, i) => unchanged(y, changes2[i]));
      const changes1 = checked(changeOfFirst(x2), first);
      const x1 = first.map((y, i) => unchanged(y, changes1[i]));
      const logDets = sumLogDets(logDetsOf(changes2), logDetsOf(changes1));
      return {
        outputs: joined(x1, x2),
        logDets: logDets.map((logDet) => (logDet === undefined ? undefined : neg(logDet))),
      };
    },
  };
}
