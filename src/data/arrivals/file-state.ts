import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** What tells a file from what it was before. */
export interface FileState {
  readonly bytes: number;
  /** When it was last written: milliseconds since 1970, whole. */
  readonly modified: number;
}

export const sameState = (a: FileState, b: FileState): boolean =>
  a.bytes === b.bytes && a.modified === b.modified;

/** Undefined where there is no such file, or it is a folder. */
export async function fileState(path: string): Promise<FileState | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) return undefined;
  return { bytes: stats.size, modified: Math.floor(stats.mtimeMs) };
}

/** Some file systems round the time of writing to two seconds; what is older than this is not being written. */
const settledMilliseconds = 5000;

/**
 * Waits until a file's size and time of writing stay the same for so long; not at all where it was last written long
 * ago.
 * @returns undefined where it is gone
 * @throws the signal's reason where it is aborted while waiting
 */
export async function quietState(
  path: string,
  quietMilliseconds: number,
  signal?: AbortSignal,
): Promise<FileState | undefined> {
  let state = await fileState(path);
  if (state === undefined || Date.now() - state.modified >= settledMilliseconds) return state;
  for (;;) {
    await delay(quietMilliseconds, undefined, { signal });
    const next = await fileState(path);
    if (next === undefined || sameState(state, next)) return next;
    state = next;
  }
}
