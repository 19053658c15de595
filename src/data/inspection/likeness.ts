import { NumpyRandom } from '../../tensor/numpy-random.js';

/**
 * What is a picture's own: its thumbnail less its own blur (so that the light does not count), with deviation 1 (nor
 * the exposure), less the mean of all thumbnails (so that parts that lie alike are not alike), as a vector of length
 * 1. The likeness of two pictures is the product of their vectors, from −1 to 1; 0 where a thumbnail has nothing of
 * its own.
 */
export interface Looks {
  readonly count: number;
  readonly length: number;
  /** `[count, length]`. */
  readonly vectors: Float32Array;
  /** Two words a picture: the signs of its products with 64 drawn vectors. */
  readonly signatures: Uint32Array;
}

/** Fewer thumbnails have no mean worth taking off. */
const SMALLEST_MEAN = 20;
const SIGNATURE_BITS = 64;
/** Deviation of the blur, as a share of the thumbnail's side. */
const BLUR = 1 / 8;
/**
 * Signs of products with drawn vectors differ with probability acos(likeness)/π (Charikar, 2002): of 64 about 8 at
 * a likeness of 0.93 and 32 at 0, with deviations of 2.6 and 4. Pairs that differ in more are not compared.
 */
const MOST_DIFFERING = 21;

export function looksOf(thumbnails: readonly Uint8Array[]): Looks {
  const count = thumbnails.length;
  const length = thumbnails[0]?.length ?? 0;
  const vectors = new Float32Array(count * length);
  const blur = blurMatrix(Math.sqrt(length));
  thumbnails.forEach((thumbnail, i) => vectors.set(standardised(thumbnail, blur), i * length));
  if (count >= SMALLEST_MEAN) subtractMean(vectors, count, length);
  for (let i = 0; i < count; i++) normalise(vectors.subarray(i * length, (i + 1) * length));
  return { count, length, vectors, signatures: signaturesOf(vectors, count, length) };
}

export function likeness({ vectors, length }: Looks, a: number, b: number): number {
  let sum = 0;
  const [startA, startB] = [a * length, b * length];
  for (let i = 0; i < length; i++) sum += vectors[startA + i] * vectors[startB + i];
  return sum;
}

/** Whether two pictures may be as alike as 0.93; a cheap test before {@link likeness}. */
export function mayBeAlike({ signatures }: Looks, a: number, b: number): boolean {
  const differing =
    bitCount(signatures[2 * a] ^ signatures[2 * b]) + bitCount(signatures[2 * a + 1] ^ signatures[2 * b + 1]);
  return differing <= MOST_DIFFERING;
}

function standardised(thumbnail: Uint8Array, blur: readonly Float64Array[]): Float32Array {
  const side = blur.length;
  const rows = new Float64Array(thumbnail.length);
  const vector = Float32Array.from(thumbnail);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let k = 0; k < side; k++) rows[y * side + x] += blur[x][k] * thumbnail[y * side + k];
    }
  }
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let k = 0; k < side; k++) vector[y * side + x] -= blur[y][k] * rows[k * side + x];
    }
  }
  return normalise(vector);
}

/** Weights of a Gaussian blur along an axis; beyond the border the picture is mirrored. */
function blurMatrix(side: number): readonly Float64Array[] {
  const reach = Math.ceil(4 * BLUR * side);
  return Array.from({ length: side }, (_, at) => {
    const weights = new Float64Array(side);
    let sum = 0;
    for (let offset = -reach; offset <= reach; offset++) {
      const weight = Math.exp(-((offset / (BLUR * side)) ** 2) / 2);
      const turned = (((at + offset) % (2 * side)) + 2 * side) % (2 * side);
      weights[turned < side ? turned : 2 * side - 1 - turned] += weight;
      sum += weight;
    }
    return weights.map((weight) => weight / sum);
  });
}

/** To length 1, in place; what is left of equal values by rounding becomes 0. */
function normalise(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const scale = squares > 1e-6 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < vector.length; i++) vector[i] *= scale;
  return vector;
}

function subtractMean(vectors: Float32Array, count: number, length: number): void {
  const mean = new Float64Array(length);
  for (let i = 0; i < vectors.length; i++) mean[i % length] += vectors[i] / count;
  for (let i = 0; i < vectors.length; i++) vectors[i] -= mean[i % length];
}

function signaturesOf(vectors: Float32Array, count: number, length: number): Uint32Array {
  const random = new NumpyRandom(0);
  const signs = Int8Array.from({ length: SIGNATURE_BITS * length }, () => 2 * random.integerUpTo(1) - 1);
  const signatures = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    for (let bit = 0; bit < SIGNATURE_BITS; bit++) {
      let sum = 0;
      for (let j = 0; j < length; j++) sum += vectors[i * length + j] * signs[bit * length + j];
      if (sum > 0) signatures[2 * i + (bit >> 5)] |= 1 << (bit & 31);
    }
  }
  return signatures;
}

/** The number of ones in a word. */
function bitCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
