/** The element types of the tensor program, named after ONNX. */
export type Dtype = 'float32' | 'uint8' | 'int64' | 'bool';

export interface TensorData {
  readonly float32: Float32Array;
  readonly uint8: Uint8Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}

/** A dense array in row-major order. */
export interface Tensor<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly dims: readonly number[];
  readonly data: TensorData[D];
}

export type FloatTensor = Tensor<'float32'>;

/** The product of the sides; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** @param data its length is the product of `dims`, or a RangeError says so */
export function floatTensor(dims: readonly number[], data: Float32Array | readonly number[]): FloatTensor {
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  if (values.length !== elementCount(dims)) {
    throw new RangeError(
      `tensor [${dims.join(', ')}]: expected ${elementCount(dims)} values, got ${values.length}`,
    );
  }
  return { dtype: 'float32', dims, data: values };
}

/** A tensor of zeros. */
export function zeros(dims: readonly number[]): FloatTensor {
  return { dtype: 'float32', dims, data: new Float32Array(elementCount(dims)) };
}

/** The samples at `indices`, one after another; each has so many values. */
export function samplesAt(values: Float32Array, perSample: number, indices: ArrayLike<number>): Float32Array {
  const data = new Float32Array(indices.length * perSample);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * perSample;
    data.set(values.subarray(from, from + perSample), i * perSample);
  }
  return data;
}

/**
 * The values in another order of axes: axis k of the result is axis `permutation[k]` of the source.
 * @param result where they are written, from its start, and that is given back; no part of `values`; default: a new array
 */
export function permuteAxes(
  values: Float32Array,
  dims: readonly number[],
  permutation: readonly number[],
  result: Float32Array = new Float32Array(values.length),
): Float32Array {
  const strides = dims.map((_, axis) => elementCount(dims.slice(axis + 1)));
  const sides = permutation.map((axis) => dims[axis]);
  const steps = permutation.map((axis) => strides[axis]);
  const index = sides.map(() => 0);
  let source = 0;
  for (let i = 0; i < values.length; i++) {
    result[i] = values[source]!;
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      source += steps[axis];
      if (++index[axis] < sides[axis]) break;
      source -= steps[axis] * sides[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** As `permuteAxes`, in their own array; `spare` has room for so many. */
export function permuteInPlace(
  values: Float32Array,
  dims: readonly number[],
  permutation: readonly number[],
  spare: Float32Array,
): void {
  permuteAxes(values, dims, permutation, spare);
  values.set(spare.subarray(0, values.length));
}
