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

/**
 * Asked before the long work that leads up to reading it.
 * @param crossed whether the training to resume is calibrated by folds
 * @throws UserError where there is nothing to resume from, or the folds of another way to calibrate
 */
export async function demandCheckpoint(path: string, crossed: boolean): Promise<void> {
  const folds = await exists(foldsFile(path));
  if (folds && !crossed) {
    throw new UserError(
      `${foldsFile(path)}: expected none beside a training with --calibrate split, found the scores of an interrupted one with ` +
        '--calibrate cross; add --calibrate cross to go on with it, or leave out --resume to start anew',
    );
  }
  if (folds || (await exists(path))) return;
  throw new UserError(
    `${path}: expected a checkpoint to resume from, found none; leave out --resume to start anew`,
  );
}

/** Removes the folds of an interrupted training that is not resumed, which the next --resume would take for this one's. */
export async function forgetFolds(path: string): Promise<void> {
  await rm(foldsFile(path), { force: true });
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
