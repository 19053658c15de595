import { layoutAxes, reduceSum, reduceSumSquare, reshape, type Layout, type Node } from '../graph/index.js';

/** A branch is a vector [N, C] or a feature map in its layout. */
const isVector = (x: Node): boolean => x.type.dims.length === 2;

/** The axis of a branch's channels. */
export function channelAxis(x: Node, layout: Layout): number {
  return isVector(x) ? 1 : layoutAxes[layout].channel;
}

/** The axes that tell positions apart: none in a vector. */
function spatialAxes(x: Node, layout: Layout): readonly number[] {
  if (isVector(x)) return [];
  const { height, width } = layoutAxes[layout];
  return [height, width];
}

function fixedSide(x: Node, axis: number): number {
  const side = x.type.dims[axis];
  if (typeof side !== 'number') throw new TypeError(`expected axis ${axis} of known length, got ${side}`);
  return side;
}

/** Number of channels of a branch. */
export const channelsOf = (x: Node, layout: Layout): number => fixedSide(x, channelAxis(x, layout));

/**
 * Throws where a branch has another number of channels than a module is made for.
 * @throws TypeError naming the module
 */
export function demandChannels(x: Node, channels: number, layout: Layout, module: string): void {
  const found = channelsOf(x, layout);
  if (found !== channels) throw new TypeError(`${module}: expected ${channels} channels, got ${found}`);
}

/** @throws TypeError naming the module */
export function demandBranches(branches: readonly Node[], count: number, module: string): void {
  if (branches.length !== count) {
    throw new TypeError(`${module}: expected ${count} branches, got ${branches.length}`);
  }
}

/** Positions of a map: height · width; 1 of a vector. */
export function positionsOf(x: Node, layout: Layout): number {
  return spatialAxes(x, layout).reduce((product, axis) => product * fixedSide(x, axis), 1);
}

/** Values [C] with the sides that repeat them over samples and positions. */
export function alongChannels(values: Node, x: Node, layout: Layout): Node {
  const axis = channelAxis(x, layout);
  return reshape(
    values,
    x.type.dims.map((side, i) => (i === axis ? side : 1)),
  );
}

/** Sum over channels of what is left of a map once height and width are summed: [N]. */
function sumChannels(perChannel: Node, layout: Layout): Node {
  const { batch, channel } = layoutAxes[layout];
  return reduceSum(perChannel, [channel > batch ? 1 : 0]);
}

/** Sum over everything but the samples: [N]. Space before channels: shorter float32 sums are more exact. */
export function sumPerSample(x: Node, layout: Layout = 'NCHW'): Node {
  if (isVector(x)) return reduceSum(x, [1]);
  return sumChannels(reduceSum(x, spatialAxes(x, layout)), layout);
}

/** Σ x² of each sample: [N], in the same order of summation. */
export function squaredNorm(x: Node, layout: Layout = 'NCHW'): Node {
  if (isVector(x)) return reduceSumSquare(x, [1]);
  return sumChannels(reduceSumSquare(x, spatialAxes(x, layout)), layout);
}
