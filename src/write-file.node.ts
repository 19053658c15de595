import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, UserError } from './errors.js';

/**
 * Writes beside and renames, so that a file is whole or not there. The folder is made if needed.
 * @param content as a whole, or in parts that are written as they come
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string | AsyncIterable<Uint8Array>,
): Promise<void> {
  const beside = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(beside, content);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new UserError(
      `${path}: cannot be written (${messageOf(error)}); name a file in a folder that can be`,
    );
  }
}

/** Asks before long work whether a file could be written at its end; throws a `UserError` where not. */
export async function checkWritable(path: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) {
    throw new UserError(
      `${path}: expected the name of a file to write, got a folder; add a name such as parts.onnx`,
    );
  }
  const beside = `${path}.${randomUUID()}.part`;
  await writeWhole(beside, '');
  await rm(beside, { force: true });
}
