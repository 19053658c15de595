import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lockFile } from '#csflow/cli/watch/file-lock.js';
import { openVerdictLog } from '#csflow/cli/watch/verdict-log.js';
import { temporaryFolder } from '../../data/temporary-folder.js';

const folder = await temporaryFolder();
let count = 0;
const newPath = (): string => join(folder, `verdicts-${count++}.csv`);
const left = async (path: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith(basename(path)));
const source = { model: '0123456789abcdef', folder: '/photos' };

const module = new URL('../../../dist/cli/watch/file-lock.js', import.meta.url);
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

/** Another process takes the lock and keeps it. */
async function heldByAnother(path: string): Promise<ChildProcess> {
  const script = `
    const { lockFile } = await import(${JSON.stringify(module.href)});
    await lockFile(${JSON.stringify(path)});
    console.log('held');
    setInterval(() => {}, 1000);`;
  child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function crash(process: ChildProcess): Promise<void> {
  const exited = once(process, 'exit');
  process.kill('SIGKILL');
  await exited;
}

describe('a lock file', () => {
  it('is refused while its process runs, and taken over once that has crashed', async () => {
    const path = newPath();
    const holder = await heldByAnother(path);
    await expect(lockFile(path)).rejects.toThrow(
      `another watch (process ${holder.pid} on ${hostname()}, since`,
    );
    expect(await left(path)).toEqual([basename(path)]);
    await crash(holder);
    const lock = await lockFile(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    await lock.release();
    expect(await left(path)).toEqual([]);
  });

  // Elsewhere a process cannot tell its own lock from one of an earlier process of its number.
  it.skipIf(process.platform !== 'linux')(
    'is taken by one of many that want it at once, also where one was left behind half-written',
    async () => {
      for (const content of [undefined, '', '{"pid":']) {
        const path = newPath();
        if (content !== undefined) await writeFile(path, content);
        const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFile(path)));
        expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await left(path)).toEqual([basename(path)]);
      }
    },
  );

  it('of a process whose number another has by now is taken over', async () => {
    const mark = { pid: process.ppid, host: hostname(), since: '2001-01-01T00:00:00.000Z' };
    for (const more of process.platform === 'linux' ? [{}, { started: 'another start' }] : [{}]) {
      const path = newPath();
      await writeFile(path, `${JSON.stringify({ ...mark, ...more })}\n`);
      await (await lockFile(path)).release();
      expect(await left(path)).toEqual([]);
    }
  });

  it('of another machine is respected', async () => {
    const path = newPath();
    const mark = { pid: 1, host: `not ${hostname()}`, since: '2001-01-01T00:00:00.000Z' };
    await writeFile(path, `${JSON.stringify(mark)}\n`);
    await expect(lockFile(path)).rejects.toThrow(/If it no longer runs, remove the lock file/);
  });

  it('is not removed by who no longer holds it', async () => {
    const path = newPath();
    const lock = await lockFile(path);
    await writeFile(path, '{"pid":1}\n');
    await lock.release();
    expect(await readFile(path, 'utf8')).toBe('{"pid":1}\n');
  });

  it('cannot be taken where a folder has its name', async () => {
    const path = newPath();
    await mkdir(path);
    await expect(lockFile(path)).rejects.toThrow(/the lock file cannot be read .*EISDIR/);
  });
});

describe('a verdict log', () => {
  it('is for one watch at a time, by whatever path', async () => {
    const path = newPath();
    const holder = await heldByAnother(`${path}.lock`);
    await writeFile(path, '');
    const link = newPath();
    await symlink(path, link);
    for (const name of [path, link]) {
      await expect(openVerdictLog(name, source)).rejects.toThrow(/another watch .* writes to this CSV file/);
    }
    expect(await readFile(path, 'utf8')).toBe('');
    await crash(holder);
    await (await openVerdictLog(link, source)).close();
    expect(await left(path)).toEqual([basename(path)]);
  });
});
