import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { messageOf, UserError } from '../../errors.js';
import { compareText } from '../compare-text.js';

/** A file that is not used; its name as in {@link FileTree}. */
export interface UnusedFile {
  readonly file: string;
  readonly reason: string;
  readonly group?: string;
}

/** What a folder holds; names are relative to `root`, with `/` between folders, sorted by code units. */
export interface FileTree {
  readonly root: string;
  readonly files: readonly string[];
  /** Those of `files` that are images by their extension. */
  readonly images: readonly string[];
  readonly unreadable: readonly UnusedFile[];
}

/** Of the files that count as images, in small letters; capitals are taken too. */
export const imageExtensions: readonly string[] =
  '.jpg .jpeg .jpe .jfif .png .bmp .dib .tif .tiff .webp .gif .avif'.split(' ');
const imageEndings = new Set(imageExtensions);

/** Whether a name has the extension of an image. */
export function isImageName(file: string): boolean {
  return imageEndings.has(extname(file).toLowerCase());
}

/** The name without its extension, folders included. */
export function stemOf(file: string): string {
  return file.slice(0, file.length - extname(file).length);
}

/**
 * Lists a folder with all its folders; links are followed, hidden files and folders (`.name`) ignored.
 * @throws UserError where the folder is missing, a file, or cannot be read
 */
export async function readFileTree(root: string): Promise<FileTree> {
  const stats = await stat(root).catch(() => undefined);
  if (stats === undefined) throw new UserError(`${root}: there is no such folder; check the path`);
  if (!stats.isDirectory())
    throw new UserError(
      `${root}: this is a file; expected the folder of a data set, or a manifest (.csv, .jsonl)`,
    );
  const files: string[] = [];
  const unreadable: UnusedFile[] = [];

  const walk = async (folder: string, prefix: string, parents: ReadonlySet<string>): Promise<void> => {
    const real = await realpath(folder);
    if (parents.has(real)) {
      unreadable.push({ file: prefix.slice(0, -1), reason: 'a link to a folder that it lies in' });
      return;
    }
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw new UserError(
        `${folder}: the folder could not be read (${messageOf(error)}); check its permissions`,
      );
    });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const file = prefix + entry.name;
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      if (kind === undefined) unreadable.push({ file, reason: 'a link that leads nowhere' });
      else if (kind.isDirectory()) await walk(path, `${file}/`, new Set([...parents, real]));
      else if (kind.isFile()) files.push(file);
      else unreadable.push({ file, reason: 'neither a file nor a folder' });
    }
  };
  await walk(root, '', new Set());
  return treeOf(root, files, unreadable);
}

/** A tree from a list of names. */
export function treeOf(
  root: string,
  files: readonly string[],
  unreadable: readonly UnusedFile[] = [],
): FileTree {
  const sorted = [...files].sort(compareText);
  return { root, files: sorted, images: sorted.filter(isImageName), unreadable };
}
