/** What the evaluator computes with: every element type as double precision. */
export interface Float64Tensor {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** Elements to step for one step along each axis, row-major. */
export function stridesOf(dims: readonly number[]): readonly number[] {
  const strides = new Array<number>(dims.length);
  let stride = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= dims[i];
  }
  return strides;
}

/** The number of elements. */
export function count(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Fills a tensor by calling `value` with each index, which is reused between calls. */
export function fill(dims: readonly number[], value: (index: readonly number[]) => number): Float64Tensor {
  const data = new Float64Array(count(dims));
  const index = dims.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = value(index);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
  return { dims, data };
}

/** A reader by index. */
export function reader({ dims, data }: Float64Tensor): (index: readonly number[]) => number {
  const strides = stridesOf(dims);
  return (index) => {
    let flat = 0;
    for (let axis = 0; axis < strides.length; axis++) flat += index[axis] * strides[axis];
    return data[flat];
  };
}

/** A reader by an index of a broadcast result. */
export function broadcastReader(
  { dims, data }: Float64Tensor,
  rank: number,
): (index: readonly number[]) => number {
  const strides = stridesOf(dims).map((stride, axis) => (dims[axis] === 1 ? 0 : stride));
  const offset = rank - dims.length;
  return (index) => {
    let flat = 0;
    for (let axis = 0; axis < strides.length; axis++) flat += index[axis + offset] * strides[axis];
    return data[flat];
  };
}
