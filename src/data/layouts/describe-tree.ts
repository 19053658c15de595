import { join } from 'node:path';
import { treeOf, type FileTree } from './file-tree.js';

const SHOWN_FOLDERS = 6;

/** What was found, in words for a message: "3 images and 1 other file in bad, good". */
export function describeTree({ files, images }: FileTree): string {
  if (files.length === 0) return 'no file at all';
  const folders = [...new Set(files.map((file) => file.slice(0, Math.max(file.lastIndexOf('/'), 0)) || '.'))];
  const shown = folders.slice(0, SHOWN_FOLDERS).join(', ') + (folders.length > SHOWN_FOLDERS ? ', …' : '');
  return `${count(images.length, 'image')} and ${count(files.length - images.length, 'other file')} in ${shown}`;
}

/** The folders directly below the root, each as a tree of its own. */
export function foldersOf({ root, files }: FileTree): readonly { name: string; tree: FileTree }[] {
  const below = new Map<string, string[]>();
  for (const file of files) {
    const end = file.indexOf('/');
    if (end < 0) continue;
    const name = file.slice(0, end);
    const own = below.get(name) ?? [];
    below.set(name, own);
    own.push(file.slice(end + 1));
  }
  return [...below].map(([name, own]) => ({ name, tree: treeOf(join(root, name), own) }));
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
