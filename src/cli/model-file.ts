import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, UserError } from '../errors.js';

/** The bytes of a model file the user named. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(path));
  } catch (error) {
    throw new UserError(`${path}: expected a model file made by csflow train (${messageOf(error)})`);
  }
}
