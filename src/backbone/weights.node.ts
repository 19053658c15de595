import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import { firstBytes, isPyTorch, readPyTorch } from '../tensor/pytorch/index.js';
import { readSafetensors, type Safetensors } from '../tensor/safetensors.js';
import { checkWeights } from './check-weights.js';
import { defaultLayer, type BackboneName } from './networks.js';
import { provenanceOf, publishedWeights, type Provenance } from './published-weights.js';

export interface BackboneWeights extends Provenance {
  readonly weights: Safetensors;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
}

export interface WeightsChoice {
  /** A PyTorch state dict or a safetensors file; left out: the weights that come with the package. */
  readonly file?: string;
  /** The last block that is needed; default the backbone's own. */
  readonly layer?: number;
}

/**
 * The weights of a backbone.
 * @throws UserError where the package has none and no file is named, or the file is not of this net
 */
export async function loadBackboneWeights(
  name: BackboneName,
  { file, layer = defaultLayer(name) }: WeightsChoice = {},
): Promise<BackboneWeights> {
  const { bytes, shown } = file === undefined ? await shippedFile(name) : await namedFile(file);
  const weights = readWeights(bytes, shown);
  checkWeights({ name, layer }, weights, shown);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (file === undefined) {
    return { weights, digest, source: weights.metadata.source ?? name, licence: 'Apache-2.0' };
  }
  return { weights, digest, ...provenanceOf(name, basename(file), digest, weights.metadata) };
}

interface WeightsFile {
  readonly bytes: Uint8Array;
  /** Its name in errors. */
  readonly shown: string;
}

async function namedFile(file: string): Promise<WeightsFile> {
  try {
    return { bytes: await readFile(file), shown: file };
  } catch (error) {
    throw new UserError(`backbone-weights: expected a file, got ${file} (${messageOf(error)})`);
  }
}

const shippedWeights: readonly BackboneName[] = ['efficientnet-lite0'];

async function shippedFile(name: BackboneName): Promise<WeightsFile> {
  if (!shippedWeights.includes(name)) throw new UserError(noWeights(name));
  const file = `${name}.safetensors`;
  return { bytes: await readFile(new URL(`../../models/${file}`, import.meta.url)), shown: file };
}

function noWeights(name: BackboneName): string {
  const known = publishedWeights(name);
  const where =
    known === undefined
      ? 'a state dict that names its tensors as efficientnet_pytorch does'
      : `${known.file}, from ${known.from}`;
  return (
    `backbone: the weights of ${name} do not come with csflow, and none were named; ` +
    `give their file with --backbone-weights FILE: ${where}`
  );
}

function readWeights(bytes: Uint8Array, shown: string): Safetensors {
  if (isPyTorch(bytes)) return readPyTorch(bytes, shown);
  const opensHeader = bytes[8] === '{'.charCodeAt(0);
  if (opensHeader) return readSafetensors(bytes, shown);
  throw new UserError(
    `${shown}: expected a state dict of PyTorch (.pth, .pt) or a safetensors file, got ${firstBytes(bytes)}`,
  );
}
