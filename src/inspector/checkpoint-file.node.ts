import { access, readFile, rm } from 'node:fs/promises';
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

/** Where the scores of the flows of a cross-calibration that are done lie, beside the checkpoint of the one under way. */
export const foldsFile = (checkpoint: string): string => `${checkpoint}.folds`;

/** @throws UserError where there is nothing to resume from; asked before the long work that leads up to reading it */
export async function demandCheckpoint(path: string): Promise<void> {
  if ((await exists(path)) || (await exists(foldsFile(path)))) return;
  throw new UserError(
    `${path}: expected a checkpoint to resume from, found none; leave out --resume to start anew`,
  );
}

/** Removes what an interrupted training has left. */
export async function removeCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(foldsFile(path), { force: true });
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** @throws UserError where it is none, or one of another training */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint> {
  return decodeCheckpoint(await readFile(path), path, fingerprint);
}
