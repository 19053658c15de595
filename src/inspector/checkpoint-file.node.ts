import { access, readFile } from 'node:fs/promises';
import { UserError } from '../errors.js';
import {
  checkpointParts,
  decodeCheckpoint,
  type Checkpoint,
  type LiveCheckpoint,
} from '../training/index.js';
import { writeWhole } from '../write-file.node.js';

/** Writes a checkpoint whole or not at all. */
export async function saveCheckpoint(path: string, checkpoint: LiveCheckpoint): Promise<void> {
  await writeWhole(path, checkpointParts(checkpoint));
}

/** @throws UserError where there is none; asked before the long work that leads up to reading it */
export async function demandCheckpoint(path: string): Promise<void> {
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return;
  throw new UserError(
    `${path}: expected a checkpoint to resume from, found none; leave out --resume to start anew`,
  );
}

/** @throws UserError where it is none, or one of another training */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint> {
  return decodeCheckpoint(await readFile(path), path, fingerprint);
}
