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

/**
 * Waits until a file's size and time of writing stay the same for so long, however long ago it says it was written: the
 * clock of a network share may lag, and copies may bear their originals' times while they are made.
 * @param earlier its state at least so long ago: where it is still that, there is nothing to wait for
 * @returns undefined where it is gone
 * @throws the signal's reason where it is aborted while waiting
 */
export async function quietState(
  path: string,
  quietMilliseconds: number,
  signal?: AbortSignal,
  earlier?: FileState,
): Promise<FileState | undefined> {
  let state = earlier;
  for (;;) {
    const next = await fileState(path);
    if (next === undefined || (state !== undefined && sameState(state, next))) return next;
    state = next;
    await delay(quietMilliseconds, undefined, { signal });
  }
}
