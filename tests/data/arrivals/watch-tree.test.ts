import { mkdirSync, rmdirSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchTree, type TreeWatch } from '#csflow/data/arrivals/watch-tree.js';
import { temporaryFolder } from '../temporary-folder.js';

const base = await temporaryFolder();
let count = 0;
const newFolder = async (): Promise<string> => {
  const folder = join(base, `watched-${count++}`);
  await mkdir(folder);
  return folder;
};

let watch: TreeWatch | undefined;
afterEach(() => watch?.close());

/** Collects what is told, by name; without rescans unless asked for, so that events alone must do. */
async function watching(root: string, rescanMilliseconds = 1e9) {
  const atStart = new Set<string>();
  const later = new Set<string>();
  const lost: string[] = [];
  const notices: string[] = [];
  watch = await watchTree(root, {
    onImage: (path, early) => void (early ? atStart : later).add(relative(root, path)),
    onLost: (error) => void lost.push(error.message),
    onNotice: (text) => void notices.push(text),
    ignore: (path) => path === join(root, 'heatmaps'),
    rescanMilliseconds,
  });
  return { atStart, later, lost, notices };
}

describe('watchTree', () => {
  it('tells of what is there and of what arrives, in folders that arrive too', async () => {
    const root = await newFolder();
    await mkdir(join(root, 'old'));
    await writeFile(join(root, 'old', 'a.png'), '');
    await writeFile(join(root, 'notes.txt'), '');
    await writeFile(join(root, '.hidden.png'), '');
    const { atStart, later } = await watching(root);
    expect([...atStart]).toEqual([join('old', 'a.png')]);

    await writeFile(join(root, 'b.JPG'), '');
    await writeFile(join(root, 'old', 'c.png'), '');
    await mkdir(join(root, 'new', 'deep'), { recursive: true });
    await writeFile(join(root, 'new', 'deep', 'd.png'), '');
    await writeFile(join(root, 'e.part'), '');
    await rename(join(root, 'e.part'), join(root, 'e.png'));
    await vi.waitFor(() => {
      expect([...later].sort()).toEqual(
        ['b.JPG', 'e.png', join('new', 'deep', 'd.png'), join('old', 'c.png')].sort(),
      );
    }, 10_000);
  });

  it('tells of a folder that is moved in with its files, and of one made anew under an old name', async () => {
    const root = await newFolder();
    const outside = await newFolder();
    await mkdir(join(root, 'tray'));
    const { later } = await watching(root);
    await mkdir(join(outside, 'batch'));
    await writeFile(join(outside, 'batch', 'a.png'), '');
    await rename(join(outside, 'batch'), join(root, 'batch'));
    // At once, so that nothing is told between; the new folder often has the number of the old one.
    rmdirSync(join(root, 'tray'));
    mkdirSync(join(root, 'tray'));
    await vi.waitFor(() => expect([...later]).toEqual([join('batch', 'a.png')]), 10_000);
    await writeFile(join(root, 'tray', 'b.png'), '');
    await vi.waitFor(() => expect([...later]).toContain(join('tray', 'b.png')), 10_000);
  });

  it('looks through the folder again for what no event told', async () => {
    const root = await newFolder();
    const outside = await newFolder();
    // Events of what a link leads to reach the link's folder only by listening there: it is made in time to be found.
    await symlink(outside, join(root, 'linked'));
    await symlink(root, join(outside, 'loop'));
    const { later } = await watching(root, 50);
    await writeFile(join(root, 'a.png'), '');
    await vi.waitFor(() => expect([...later]).toContain('a.png'), 10_000);
    later.clear();
    await vi.waitFor(() => expect([...later]).toContain('a.png'), 10_000);
    await writeFile(join(outside, 'b.png'), '');
    await vi.waitFor(() => expect([...later]).toContain(join('linked', 'b.png')), 10_000);
  });

  it('leaves alone what is none of its business', async () => {
    const root = await newFolder();
    const { later } = await watching(root, 50);
    await mkdir(join(root, 'heatmaps'));
    await writeFile(join(root, 'heatmaps', 'a.png'), '');
    await delay(150);
    await writeFile(join(root, 'heatmaps', 'b.png'), '');
    await writeFile(join(root, 'last.png'), '');
    await vi.waitFor(() => expect([...later]).toContain('last.png'), 10_000);
    await delay(150);
    expect([...later]).toEqual(['last.png']);
  });

  it('gives notice of files that are no images it knows, once an extension, and not of what is no photo', async () => {
    const root = await newFolder();
    for (const name of ['a.HEIC', 'b.heic', 'notes.txt', 'verdicts.csv', '.hidden.raw', 'c.png.part']) {
      await writeFile(join(root, name), '');
    }
    await mkdir(join(root, 'folder.cr2'));
    const { atStart, later, notices } = await watching(root, 50);
    expect(notices).toEqual([
      expect.stringMatching(
        /[ab]\.(HEIC|heic): files ending in \.heic are not judged; expected \.jpg .*\.avif, /,
      ),
    ]);
    for (const name of ['c.heic', 'd.jp2', 'e.nef', 'photo', 'f.png']) await writeFile(join(root, name), '');
    await vi.waitFor(() => expect(later).toContain('f.png'), 10_000);
    await vi.waitFor(() => expect(notices).toHaveLength(4), 10_000);
    await delay(150);
    expect(
      notices
        .slice(1)
        .map((text) => relative(root, text.split(': ')[0]))
        .sort(),
    ).toEqual(['d.jp2', 'e.nef', 'photo']);
    expect(notices.find((text) => text.includes('photo: '))).toContain('files without an extension');
    expect([...atStart]).toEqual([]);
  });

  it.each(['removed', 'renamed'])('says so where the folder is %s', async (how) => {
    const root = await newFolder();
    const { lost } = await watching(root);
    if (how === 'removed') await rm(root, { recursive: true });
    else await rename(root, `${root}-away`);
    await vi.waitFor(
      () => expect(lost).toEqual([expect.stringContaining(`${root}: the watched folder is gone`)]),
      10_000,
    );
  });

  it('refuses a folder that is not there, and a file', async () => {
    const root = await newFolder();
    await writeFile(join(root, 'file'), '');
    await expect(watching(join(root, 'nothing'))).rejects.toThrow(/there is no such folder to watch/);
    await expect(watching(join(root, 'file'))).rejects.toThrow(/this is a file; expected a folder to watch/);
  });
});
