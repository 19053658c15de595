import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { messageOf, UserError } from '../errors.js';

/** SHA-256 of bytes, 64 hex digits. */
export function contentDigest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * SHA-256 of a file's content, 64 hex digits; the file is streamed.
 * @throws UserError where it cannot be read
 */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw new UserError(`${path}: the file could not be read (${messageOf(error)}); check the path`);
  }
  return hash.digest('hex');
}
