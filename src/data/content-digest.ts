import { createHash } from 'node:crypto';

/** SHA-256 of bytes, 64 hex digits. */
export function contentDigest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
