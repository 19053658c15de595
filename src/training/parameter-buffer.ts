import { drawParameters, type FlowConfiguration, type ParameterValues } from '../csflow/index.js';
import type { BufferSlice } from '../runtime/session.js';
import { permutations, weightDims, weightSides, type Layout } from '../graph/index.js';
import { elementCount, permuteAxes, permuteInPlace } from '../tensor/tensor.js';

/**
 * All parameters stand one after another in one flat buffer, and each Adam moment in another of the same layout.
 * A parameter is read as a slice of it; the update goes range by range, so that many small tensors share a node.
 */
export interface ParameterLayout {
  /** How convolution weights lie in the buffer. */
  readonly order: Layout;
  readonly length: number;
  readonly slices: readonly ParameterSlice[];
  readonly ranges: readonly UpdateRange[];
}

export interface ParameterSlice {
  readonly name: string;
  readonly dims: readonly number[];
  readonly offset: number;
}

/** What is updated together: neighbouring parameters, or a piece of a large one. */
export interface UpdateRange {
  readonly offset: number;
  readonly length: number;
  readonly parameters: readonly string[];
  /** Where the piece begins in its parameter; undefined for whole parameters. */
  readonly from?: number;
}

/** Values updated together: few enough that they stay in the cores' caches from one pass to the next. */
const cachedLength = 1 << 18;
/** About so many: each range is a dozen nodes, which take time to compile and to start. */
const mostRanges = 256;

/**
 * The length of ranges, up to twice as long as need be if a parameter's own length divides more of all values evenly:
 * pieces of many lengths leave gaps in ONNX Runtime's arena, where a piece is given a chunk of up to twice its size.
 */
function rangeLengthOf(lengths: readonly number[]): number {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const least = Math.max(cachedLength, Math.ceil(total / mostRanges));
  const evenly = (piece: number): number =>
    lengths.reduce((sum, length) => sum + (length % piece === 0 ? length : 0), 0);
  return lengths
    .filter((length) => length > least && length < 2 * least)
    .reduce((best, length) => (evenly(length) > evenly(best) ? length : best), least);
}

/** Places the parameters one after another in their order and joins neighbours into ranges. */
export function layoutParameters(
  specs: readonly Pick<ParameterSlice, 'name' | 'dims'>[],
  order: Layout,
): ParameterLayout {
  const rangeLength = rangeLengthOf(specs.map(({ dims }) => elementCount(dims)));
  const slices: ParameterSlice[] = [];
  const ranges: { offset: number; length: number; parameters: string[]; from?: number }[] = [];
  let offset = 0;
  for (const { name, dims } of specs) {
    const length = elementCount(dims);
    slices.push({ name, dims: storedDims(dims, order), offset });
    const last = ranges.at(-1);
    if (length > rangeLength) {
      for (let from = 0; from < length; from += rangeLength) {
        ranges.push({
          offset: offset + from,
          length: Math.min(rangeLength, length - from),
          parameters: [name],
          from,
        });
      }
    } else if (last !== undefined && last.from === undefined && last.length + length <= rangeLength) {
      last.length += length;
      last.parameters.push(name);
    } else ranges.push({ offset, length, parameters: [name] });
    offset += length;
  }
  return { order, length: offset, slices, ranges };
}

/** Weights [K, C, kh, kw] as they lie in the buffer; everything else is as it is. */
function storedDims(dims: readonly number[], order: Layout): readonly number[] {
  return dims.length === 4 ? weightDims(order, weightSides('NCHW', dims)) : dims;
}

/** Values of convolution weights are [K, C, kh, kw] outside, whatever their order in the buffer. */
export function packParameters(
  layout: ParameterLayout,
  values: Iterable<readonly [name: string, values: Float32Array]>,
): Float32Array {
  const flat = new Float32Array(layout.length);
  const missing = new Map(layout.slices.map((slice) => [slice.name, slice]));
  for (const [name, value] of values) {
    const slice = missing.get(name);
    if (slice === undefined) continue;
    const { dims, offset } = slice;
    if (value.length !== elementCount(dims)) throw unfit(slice, value.length);
    missing.delete(name);
    if (isReordered(layout, dims)) {
      const place = flat.subarray(offset, offset + value.length);
      permuteAxes(value, outsideDims(dims), permutations.weightsToHwio, place);
    } else flat.set(value, offset);
  }
  for (const slice of missing.values()) throw unfit(slice, 'none');
  return flat;
}

/** `packParameters` of `drawParameters`, drawn where they stay: arrays that come and go leave gaps in memory. */
export function packDrawn(
  layout: ParameterLayout,
  configuration: FlowConfiguration,
  seed: number,
): Float32Array {
  const flat = new Float32Array(layout.length);
  const spare = new Float32Array(Math.max(...layout.slices.map(({ dims }) => elementCount(dims))));
  const dimsOf = new Map(layout.slices.map(({ name, dims }) => [name, dims]));
  for (const [name, values] of drawParameters(configuration, seed, flat)) {
    const dims = dimsOf.get(name)!;
    if (isReordered(layout, dims))
      permuteInPlace(values, outsideDims(dims), permutations.weightsToHwio, spare);
  }
  return flat;
}

const isReordered = ({ order }: ParameterLayout, dims: readonly number[]): boolean =>
  dims.length === 4 && order === 'HWNC';

/** The sides [kh, kw, C, K] of weights in the buffer as they are outside. */
const outsideDims = ([height, width, inputs, outputs]: readonly number[]): readonly number[] => [
  outputs,
  inputs,
  height,
  width,
];

const unfit = ({ name, dims }: ParameterSlice, found: number | 'none'): RangeError =>
  new RangeError(`parameter ${name}: expected ${elementCount(dims)} values, got ${found}`);

/** The parameters of a buffer by name; undoes `packParameters`. */
export function unpackParameters(layout: ParameterLayout, flat: Float32Array): ParameterValues {
  return new Map(
    layout.slices.map(({ name, dims, offset }) => {
      const stored = flat.subarray(offset, offset + elementCount(dims));
      return [
        name,
        isReordered(layout, dims) ? permuteAxes(stored, dims, permutations.weightsToOihw) : stored.slice(),
      ];
    }),
  );
}

export const wholeSlice = (buffer: string, { dims, offset }: ParameterSlice): BufferSlice => ({
  buffer,
  offset,
  dims,
});
