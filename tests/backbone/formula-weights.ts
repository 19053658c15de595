import { weightSpecs, type BackboneChoice } from '#csflow/backbone/index.js';
import type { Safetensors, StoredTensor } from '#csflow/tensor/safetensors.js';

/** An integer hash of (tensor, element) as a number in [−1, 1); the golden features were computed with it too. */
export function hashed(tensor: number, element: number): number {
  let h = (Math.imul(element, 2654435761) + Math.imul(tensor, 40503) + 12345) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 3266489917) >>> 0;
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
}

function hashedTensor(tensor: number, name: string, dims: readonly number[], gain: number): StoredTensor {
  const values = dims.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: values }, (_, j) => {
    const u = hashed(tensor, j);
    if (dims.length === 4) return u * Math.sqrt(3 / (dims[1] * dims[2] * dims[3])) * gain;
    if (name.endsWith('.running_var')) return 1 + 0.5 * u;
    return name.endsWith('.weight') ? 1 + 0.1 * u : 0.1 * u;
  });
  return { dtype: 'F32', dims, data };
}

/** Weights for a net that anyone can draw again; `gain` keeps its features in a sensible range. */
export function formulaWeights(choice: BackboneChoice, gain: number): Safetensors {
  const tensors = weightSpecs(choice).map(
    ({ name, dims }, i) => [name, hashedTensor(i, name, dims, gain)] as const,
  );
  return { metadata: {}, tensors: new Map(tensors) };
}

/** The input that goes with the golden features: [1, 3, height, width]. */
export function formulaPixels(height: number, width: number): Float32Array {
  return Float32Array.from({ length: 3 * height * width }, (_, j) => 2 * hashed(1000, j));
}
