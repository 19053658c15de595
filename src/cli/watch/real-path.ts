import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** The one path that every spelling and link of a file or folder leads to; it need not be there yet. */
export async function realPath(path: string): Promise<string> {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  try {
    return await realpath(absolute);
  } catch {
    return folder === absolute ? absolute : join(await realPath(folder), basename(absolute));
  }
}
