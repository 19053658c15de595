import { appendFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fileState, quietState } from '#csflow/data/arrivals/file-state.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = await temporaryFolder();
const longAgo = new Date(2001, 0, 1);

describe('quietState', () => {
  it.each(['now', 'long ago'])('gives the state after the last piece of a file written %s', async (when) => {
    const path = join(folder, `${when}.png`);
    const write = async (piece: string): Promise<void> => {
      await appendFile(path, piece);
      if (when === 'long ago') await utimes(path, longAgo, longAgo);
    };
    await write('one');
    const quiet = quietState(path, 1000);
    await delay(100);
    await write(' two');
    expect((await quiet)?.bytes).toBe(7);
  });

  it('gives nothing for a file that is not there, or no longer', async () => {
    const path = join(folder, 'brief.png');
    expect(await quietState(path, 10)).toBeUndefined();
    await writeFile(path, 'x');
    const quiet = quietState(path, 200);
    await delay(50);
    await rm(path);
    expect(await quiet).toBeUndefined();
  });

  it('does not wait where the file is as it was seen earlier, and waits where it is not', async () => {
    const path = join(folder, 'seen.png');
    await writeFile(path, 'one');
    const never = new AbortController();
    never.abort();
    const seen = await fileState(path);
    expect(await quietState(path, 60_000, never.signal, seen)).toEqual(seen);
    await appendFile(path, ' two');
    await expect(quietState(path, 60_000, never.signal, seen)).rejects.toThrow(/abort/);
  });

  it('stops waiting when it is told to', async () => {
    const path = join(folder, 'waiting.png');
    await writeFile(path, 'x');
    const stop = new AbortController();
    const quiet = quietState(path, 60_000, stop.signal);
    stop.abort();
    await expect(quiet).rejects.toThrow(/abort/);
  });
});
