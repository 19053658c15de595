import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../training/index.js';
import { writeWhole } from '../write-file.node.js';

export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeWhole(path, encodeCheckpoint(checkpoint));
}

/** @throws UserError where there is none, or one of another training */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) {
    throw new UserError(
      `${path}: expected a checkpoint to resume from, found none; leave out --resume to start anew`,
    );
  }
  return decodeCheckpoint(bytes, path, fingerprint);
}
