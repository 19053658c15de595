import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, UserError } from '../../errors.js';
import { isRunning, ownMark, readMark, type ProcessMark } from './process-mark.js';

export interface FileLock {
  /** Removes the lock file, where it is still this one's. */
  release(): Promise<void>;
}

/** A lock file is empty for a moment before its maker has written into it. */
const looks = 5;
const betweenLooksMilliseconds = 50;

/**
 * Takes a lock file, made so that only one process can make it. One whose process has ended is taken over.
 * @throws UserError where another process holds it, or it cannot be made
 */
export async function lockFile(path: string): Promise<FileLock> {
  // The key tells it from another of the same process.
  const content = `${JSON.stringify({ ...(await ownMark()), key: randomUUID() })}\n`;
  for (;;) {
    const made = await created(path, content);
    // Who takes over an old lock at the same time may have moved this one aside, and someone else have made his.
    if (made) await delay(betweenLooksMilliseconds);
    const there = await settledContent(path);
    if (there === content) return { release: () => removeIfStill(path, content).catch(() => undefined) };
    if (made || there === undefined) continue;
    const holder = readMark(there);
    if (holder !== undefined && (await isRunning(holder))) throw heldBy(holder, path);
    await removeIfStill(path, there);
  }
}

async function created(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new UserError(
      `${path}: the lock file cannot be made (${messageOf(error)}); name a file for --csv in a folder that can be written`,
    );
  }
}

/** Undefined where it is gone. */
async function settledContent(path: string): Promise<string | undefined> {
  let content = '';
  for (let look = 0; look < looks && !content.endsWith('\n'); look++) {
    if (look > 0) await delay(betweenLooksMilliseconds);
    try {
      content = await readFile(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new UserError(
        `${path}: the lock file cannot be read (${messageOf(error)}); if no other watch runs, remove it`,
      );
    }
  }
  return content;
}

/** Moves it aside before it removes it: another that takes over the same lock may have made his own by then. */
async function removeIfStill(path: string, content: string): Promise<void> {
  if ((await settledContent(path)) !== content) return;
  const aside = `${path}.${randomUUID()}.part`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) === content) await rm(aside);
    else await rename(aside, path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw new UserError(
      `${path}: a lock file left behind cannot be removed (${messageOf(error)}); remove it`,
    );
  }
}

function heldBy({ pid, host, since }: ProcessMark, path: string): UserError {
  return new UserError(
    `${path}: another watch (process ${pid} on ${host}, since ${since}) writes to this CSV file; ` +
      'end that one or name another file for --csv. If it no longer runs, remove the lock file',
  );
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
