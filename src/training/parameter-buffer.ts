import type { ParameterSpec, ParameterValues } from '../csflow/index.js';
import type { BufferSlice } from '../runtime/session.js';
import { elementCount } from '../tensor/tensor.js';

/**
 * All parameters stand one after another in one flat buffer, and each Adam moment in another of the same layout.
 * A parameter is read as a slice of it; the update goes range by range, so that many small tensors share a node.
 */
export interface ParameterLayout {
  readonly length: number;
  readonly slices: readonly ParameterSlice[];
  readonly ranges: readonly UpdateRange[];
}

export interface ParameterSlice {
  readonly name: string;
  readonly dims: readonly number[];
  readonly offset: number;
}

/** Neighbouring parameters that are updated together. */
export interface UpdateRange {
  readonly offset: number;
  readonly length: number;
  readonly parameters: readonly string[];
}

/** Values updated together: small enough that a range's optimiser state stays in a core's cache between passes. */
const rangeLength = 1 << 17;

export function layoutParameters(specs: readonly ParameterSpec[]): ParameterLayout {
  const slices: ParameterSlice[] = [];
  const ranges: { offset: number; length: number; parameters: string[] }[] = [];
  let offset = 0;
  for (const { name, dims } of specs) {
    const length = elementCount(dims);
    slices.push({ name, dims, offset });
    const last = ranges.at(-1);
    if (last !== undefined && last.length + length <= rangeLength) {
      last.length += length;
      last.parameters.push(name);
    } else ranges.push({ offset, length, parameters: [name] });
    offset += length;
  }
  return { length: offset, slices, ranges };
}

export function packParameters(layout: ParameterLayout, values: ParameterValues): Float32Array {
  const flat = new Float32Array(layout.length);
  for (const { name, dims, offset } of layout.slices) {
    const value = values.get(name);
    if (value?.length !== elementCount(dims)) {
      throw new RangeError(
        `parameter ${name}: expected ${elementCount(dims)} values, got ${value?.length ?? 'none'}`,
      );
    }
    flat.set(value, offset);
  }
  return flat;
}

export function unpackParameters(layout: ParameterLayout, flat: Float32Array): ParameterValues {
  return new Map(
    layout.slices.map(({ name, dims, offset }) => [name, flat.slice(offset, offset + elementCount(dims))]),
  );
}

export const wholeSlice = (buffer: string, { dims, offset }: ParameterSlice): BufferSlice => ({
  buffer,
  offset,
  dims,
});
