import { UserError } from '../../errors.js';
import type { Safetensors } from '../safetensors.js';
import { isPickle, readLegacyFormat } from './legacy-format.js';
import { isZip, readZipFormat } from './zip-format.js';

/** Whether the bytes begin as a file of `torch.save` does. */
export const isPyTorch = (bytes: Uint8Array): boolean => isZip(bytes) || isPickle(bytes);

/**
 * Reads a state dict that `torch.save` wrote, in its zip format or in the one before PyTorch 1.6. Its pickle is
 * read as data: nothing in it is run, and a class or function that no state dict needs is refused by its name.
 * @param source names the file in errors
 * @returns the tensors as a safetensors file would give them; half precision and bfloat16 as single precision
 * @throws UserError saying what is wrong
 */
export function readPyTorch(file: Uint8Array, source = 'PyTorch file'): Safetensors {
  // A plain Uint8Array: the slice() of Node's Buffer would share memory instead of copying to an aligned start.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.length);
  const fail = (what: string): never => {
    throw new UserError(`${source}: not a state dict of PyTorch that can be read: ${what}`);
  };
  if (!isPyTorch(bytes)) fail(`expected a zip archive or a pickle, got ${firstBytes(bytes)}`);
  return { metadata: {}, tensors: isZip(bytes) ? readZipFormat(bytes, fail) : readLegacyFormat(bytes, fail) };
}

/** For messages: how a file begins. */
export function firstBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const hex = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `a file that begins with the bytes ${hex.join(' ')}`;
}
