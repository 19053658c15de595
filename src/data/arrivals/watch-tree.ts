import { watch, type FSWatcher } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf, UserError } from '../../errors.js';
import { isImageName } from '../layouts/file-tree.js';
import { kindOfOther, otherFileNotice } from './other-files.js';

export interface TreeWatchOptions {
  /**
   * An image file that may be new or changed; told often, also of files that are gone again. Looking through a folder
   * goes on when the promise is kept.
   * @param atStart whether it was found by the first look through the folder
   */
  readonly onImage: (path: string, atStart: boolean) => Promise<void> | void;
  /** The folder itself cannot be watched any more; nothing is told after it. */
  readonly onLost: (error: UserError) => void;
  /** Something the user should know of while the watch goes on. */
  readonly onNotice?: (text: string) => void;
  /** Files and folders that are none of its business. */
  readonly ignore?: (path: string) => boolean;
  /** The folder is looked through again this often, for what the system did not tell; default 10 seconds. */
  readonly rescanMilliseconds?: number;
}

export interface TreeWatch {
  close(): void;
}

interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** Another folder of the same name has another one. */
  readonly inode: number;
}

/** Of the time that passes, looking through the folder takes at most this share. */
const rescanShare = 0.1;
/** Where the system gives no more events the folder is looked through this often. */
const rescanWithoutEvents = 1000;

/**
 * Watches a folder with all its folders for image files (told by their extensions; hidden ones are ignored, links
 * followed; the first file of every other extension is given notice of). The system's events tell of most; since network shares and full queues lose some, the folder is looked
 * through again now and then. One system watch a folder is held, none a file.
 * @returns once all that was there has been told
 * @throws UserError where there is no such folder
 */
export async function watchTree(root: string, options: TreeWatchOptions): Promise<TreeWatch> {
  const { onImage, onLost, onNotice, ignore, rescanMilliseconds = 10_000 } = options;
  const folders = new Map<string, WatchedFolder>();
  const noticed = new Set<string>();
  const noticedKinds = new Set<string>();
  let closed = false;
  let eventsLacking = false;
  let timer: NodeJS.Timeout | undefined;

  const notice = (text: string): void => {
    if (!noticed.has(text)) onNotice?.(text);
    noticed.add(text);
  };
  const noticeOther = (path: string): void => {
    const kind = kindOfOther(path);
    if (kind === undefined || noticedKinds.has(kind)) return;
    noticedKinds.add(kind);
    onNotice?.(otherFileNotice(path, kind));
  };
  const leave = (folder: string): void => {
    folders.get(folder)?.watcher.close();
    folders.delete(folder);
  };
  const close = (): void => {
    closed = true;
    clearTimeout(timer);
    for (const folder of [...folders.keys()]) leave(folder);
  };
  const lose = (error: UserError): void => {
    if (closed) return;
    close();
    onLost(error);
  };
  const listen = async (folder: string): Promise<void> => {
    const inode = (await stat(folder)).ino;
    if (closed || folders.get(folder)?.inode === inode) return;
    leave(folder);
    try {
      const watcher = watch(folder, (_, name) => void touch(folder, name));
      watcher.on('error', () => leave(folder));
      folders.set(folder, { watcher, inode });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw error;
      eventsLacking = true;
      notice(
        `${folder}: the system gives no events for it (${messageOf(error)}); it is looked through every second ` +
          'instead. On Linux, raise fs.inotify.max_user_watches',
      );
    }
  };
  /** Listens before looking, so that nothing falls between. */
  const scan = async (folder: string, atStart: boolean, parents: ReadonlySet<string>): Promise<void> => {
    if (closed) return;
    let found;
    let real;
    try {
      await listen(folder);
      real = await realpath(folder);
      if (parents.has(real)) return;
      found = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      leave(folder);
      if (folder === root) lose(lostFolder(root, error));
      else if (codeOf(error) !== 'ENOENT') notice(`${folder}: cannot be looked into (${messageOf(error)})`);
      return;
    }
    const inside = new Set([...parents, real]);
    for (const entry of found) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || ignore?.(path)) continue;
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      if (kind?.isDirectory()) await scan(path, atStart, inside);
      else if (!kind?.isFile() || closed) continue;
      else if (isImageName(entry.name)) await onImage(path, atStart);
      else noticeOther(path);
    }
  };
  const touch = async (folder: string, name: string | null): Promise<void> => {
    if (closed) return;
    if (name === null) return scan(folder, false, new Set());
    const path = join(folder, name);
    if (name.startsWith('.') || ignore?.(path)) return;
    if (isImageName(name)) return void (await onImage(path, false));
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isDirectory()) return scan(path, false, new Set());
    if (stats?.isFile() && !closed) return noticeOther(path);
    if (stats !== undefined) return;
    // The event of a folder that was itself removed or renamed bears its own name. Another may have taken its place,
    // which often has its number too, so that only a new watch is sure to be one of it.
    if (name === basename(folder)) {
      leave(folder);
      if (await exists(folder)) return scan(folder, false, new Set());
    }
    if (!(await exists(folder))) {
      leave(folder);
      if (!(await exists(root))) lose(lostFolder(root));
    }
  };
  const scheduleRescan = (tookMilliseconds: number): void => {
    if (closed) return;
    const wanted = eventsLacking ? Math.min(rescanWithoutEvents, rescanMilliseconds) : rescanMilliseconds;
    timer = setTimeout(() => void rescan(), Math.max(wanted, tookMilliseconds / rescanShare));
  };
  const rescan = async (): Promise<void> => {
    const start = performance.now();
    await scan(root, false, new Set());
    for (const folder of [...folders.keys()]) if (!(await exists(folder))) leave(folder);
    scheduleRescan(performance.now() - start);
  };

  const stats = await stat(root).catch(() => undefined);
  if (stats === undefined) throw new UserError(`${root}: there is no such folder to watch; check the path`);
  if (!stats.isDirectory()) throw new UserError(`${root}: this is a file; expected a folder to watch`);
  const start = performance.now();
  await scan(root, true, new Set());
  scheduleRescan(performance.now() - start);
  return { close };
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function lostFolder(root: string, error?: unknown): UserError {
  const gone = error === undefined || codeOf(error) === 'ENOENT';
  return new UserError(
    gone
      ? `${root}: the watched folder is gone (removed, renamed, or its disk taken away); start again once it is there`
      : `${root}: the watched folder cannot be read any more (${messageOf(error)}); start again once it can`,
  );
}
