import type { Dim, Dims } from './ops.js';

/** `[2, N, 3]`, for messages. */
export function showDims(dims: Dims): string {
  return `[${dims.join(', ')}]`;
}

/** Equal numbers and equal names in the same places. */
export function sameDims(a: Dims, b: Dims): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The numpy broadcast of two shapes, or undefined where they do not fit. */
export function broadcastDims(a: Dims, b: Dims): Dims | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** The side lengths as numbers; a named one is an error that says where it is not allowed. */
export function fixedDims(dims: Dims, where: string): readonly number[] {
  return dims.map((dim) => {
    if (typeof dim === 'number') return dim;
    throw new TypeError(`${where}: every side must be a number here, got ${showDims(dims)}`);
  });
}

/** Output length of a convolution along one axis. */
export function convOutputLength(
  input: Dim,
  kernel: number,
  stride: number,
  before: number,
  after: number,
): Dim {
  if (typeof input === 'string') return `${input}_${kernel}_${stride}`;
  return Math.floor((input + before + after - kernel) / stride) + 1;
}
