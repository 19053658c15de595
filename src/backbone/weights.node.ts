import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readSafetensors, type Safetensors } from '../tensor/safetensors.js';
import type { BackboneName } from './networks.js';

export interface BackboneWeights {
  readonly weights: Safetensors;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
}

/** The weights that come with the package. */
export async function loadBackboneWeights(name: BackboneName): Promise<BackboneWeights> {
  const bytes = await readFile(new URL(`../../models/${name}.safetensors`, import.meta.url));
  return {
    weights: readSafetensors(bytes, `${name}.safetensors`),
    digest: createHash('sha256').update(bytes).digest('hex'),
  };
}
