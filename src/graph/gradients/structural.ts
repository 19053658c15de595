import { concat, gather, mul, pad, reshape, scale, slice, sliceRanges, transpose } from '../build.js';
import { fixedDims, sameDims } from '../dims.js';
import type { AxisRange, Node, NodeOf } from '../ops.js';
import { spread, sumTo } from './broadcasting.js';
import type { GradientRule } from './rule.js';

type StructuralOp =
  | 'Input'
  | 'Constant'
  | 'Cast'
  | 'Reshape'
  | 'Transpose'
  | 'Expand'
  | 'Slice'
  | 'Concat'
  | 'Pad'
  | 'Gather'
  | 'ReduceSum'
  | 'ReduceSumSquare'
  | 'ResizeImage';

const fixedLength = (x: Node, axis: number): number => fixedDims([x.type.dims[axis]], `axis ${axis}`)[0];
const source = (node: { readonly inputs: readonly Node[] }): Node => node.inputs[0];

/** Puts `step − 1` zeros after each element along an axis. */
function dilate(dy: Node, axis: number, step: number): Node {
  if (step === 1) return dy;
  const dims = fixedDims(dy.type.dims, 'Slice with a step');
  const split = reshape(dy, [...dims.slice(0, axis + 1), 1, ...dims.slice(axis + 1)]);
  const padded = pad(split, axis + 1, 0, step - 1);
  return reshape(
    padded,
    dims.map((dim, i) => (i === axis ? dim * step : dim)),
  );
}

/** The gradient of one range of a slice: dy put back where it was taken, zeros elsewhere. */
function unslice(dy: Node, from: Node, { axis, start, step }: AxisRange): Node {
  const length = fixedLength(from, axis);
  const dilated = dilate(dy, axis, step);
  const reach = start + fixedLength(dilated, axis);
  const trimmed = reach > length ? slice(dilated, axis, 0, length - start) : dilated;
  const after = Math.max(0, length - reach);
  return start === 0 && after === 0 ? trimmed : pad(trimmed, axis, start, after);
}

export const structuralRules: { readonly [K in StructuralOp]: GradientRule<K> } = {
  Input: () => [],
  Constant: () => [],
  /** Casts and image resizing stand before the first parameter: nothing is learned through them. */
  Cast: () => [undefined],
  ResizeImage: () => [undefined],
  Reshape: (node, dy) => [reshape(dy, source(node).type.dims)],
  Transpose: ({ attributes: { permutation } }, dy) => [
    transpose(
      dy,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  Expand: (node, dy) => [sumTo(dy, source(node))],
  Slice: (node, dy) => [node.attributes.ranges.reduce((g, range) => unslice(g, source(node), range), dy)],
  Concat: (node, dy) => {
    const { axis } = node.attributes;
    let start = 0;
    return node.inputs.map((part) => {
      const end = start + fixedLength(part, axis);
      const piece = slice(dy, axis, start, end);
      start = end;
      return piece;
    });
  },
  Pad: (node, dy) => {
    const ranges = node.attributes.margins.map(({ axis, before }) => {
      return { axis, start: before, end: before + fixedLength(source(node), axis), step: 1 };
    });
    return [sliceRanges(dy, ranges)];
  },
  Gather: (node, dy) => {
    const { axis, indices } = node.attributes;
    const length = fixedLength(source(node), axis);
    if (new Set(indices).size !== indices.length) {
      throw new TypeError('Gather: expected distinct indices where a gradient is wanted, got repeated ones');
    }
    const position = new Map(indices.map((index, i) => [index, i]));
    const inverse = Array.from({ length }, (_, i) => position.get(i) ?? indices.length);
    return [gather(indices.length < length ? pad(dy, axis, 0, 1) : dy, axis, inverse)];
  },
  ReduceSum: (node, dy) => [spread(dy, source(node), node.attributes.axes)],
  ReduceSumSquare: (node, dy) => [
    mul(spread(scale(dy, 2), source(node), node.attributes.axes), source(node)),
  ],
};

/**
 * Adds the gradients that reach one value. Slices that tile an axis give one Concat instead of as many padded
 * copies and sums.
 */
export function concatOfTiles(parts: readonly Node[]): Node | undefined {
  if (parts.length < 2) return undefined;
  const tiles = parts.flatMap((part) =>
    part.op === 'Pad' && part.attributes.margins.length === 1 ? [tileOf(part)] : [],
  );
  const axis = tiles[0]?.axis;
  if (axis === undefined || tiles.length !== parts.length || tiles.some((tile) => tile.axis !== axis))
    return undefined;
  tiles.sort((a, b) => a.start - b.start);
  let reach = 0;
  for (const { start, end } of tiles) {
    if (start !== reach) return undefined;
    reach = end;
  }
  const joined = concat(
    tiles.map(({ content }) => content),
    axis,
  );
  return sameDims(joined.type.dims, parts[0].type.dims) ? joined : undefined;
}

function tileOf(part: NodeOf<'Pad'>): { axis: number; start: number; end: number; content: Node } {
  const { axis, before } = part.attributes.margins[0];
  const content = part.inputs[0];
  return { axis, start: before, end: before + fixedLength(content, axis), content };
}
