import { basename, extname } from 'node:path';

/**
 * Names of the PNGs that are written for images. Those of the same name from different folders get a number, so that none
 * overwrites another on any disk.
 */
export function pictureNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const path of new Set(paths)) {
    const stem = basename(path, extname(path));
    let name = stem;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${stem}-${number}`;
    taken.add(name.toLowerCase());
    names.set(path, `${name}.png`);
  }
  return names;
}
