/**
 * Unsigned 32-bit integers in the order of float32 values, −0 and 0 being one: for a positive float the bits with
 * the sign flipped, for a negative one all bits flipped (Herf, "Radix tricks", 2001). There are none for NaN.
 */
export type FloatKeys = Uint32Array;

const negativeZero = 0x80000000;
const infinity = 0x7f800000;

/** The bits of the floats, on the same memory. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

export function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > infinity;
}

export function keyOfBits(bits: number): number {
  // Without a branch on the sign, which the processor could not foresee.
  return bits === negativeZero ? negativeZero : (bits ^ ((bits >> 31) | negativeZero)) >>> 0;
}

/** Turns keys back into their floats, in the same memory. */
export function keysToFloats(keys: FloatKeys): Float32Array {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    keys[i] = key >= negativeZero ? key - negativeZero : ~key;
  }
  return new Float32Array(keys.buffer, keys.byteOffset, keys.length);
}
