import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, UserError } from '../../errors.js';
import { writeWhole } from '../../write-file.node.js';
import { planPictures } from './pictures.js';
import { completeSettings, type SampleDataSettings } from './settings.js';

/** Says that a folder was drawn by this program, and with which settings. */
export const MARKER = '.csflow-sample-data.json';

/**
 * Makes `directory` ready for a new set: it is new, empty, or an earlier set, whose pictures are then removed.
 * @throws UserError for a folder with anything else in it, which is left as it is
 */
export async function claimFolder(directory: string): Promise<void> {
  const names = await namesIn(directory);
  if (names.length === 0) return;
  if (!names.includes(MARKER)) {
    throw new UserError(
      `${directory}: expected a new or empty folder or an earlier set of sample data, got one that holds ` +
        `other things (${names[0]}); name another folder`,
    );
  }
  const earlier = await readMarker(directory);
  const files = await filesIn(directory);
  const own = new Set(ownFiles(earlier));
  const foreign = files.filter((file) => !own.has(file.replace(UNFINISHED, '')));
  if (foreign.length > 0) {
    throw new UserError(
      `${directory}: ${foreign.length} files beside the drawn ones would be mixed with a new set (${foreign[0]}); ` +
        'move them away or name another folder',
    );
  }
  await writeMarker(directory, earlier, false);
  const pictures = files.filter((file) => file !== MARKER);
  for (const file of pictures) await rm(join(directory, file));
  await removeEmptyFolders(directory, pictures);
}

/** @param complete false while pictures are still being drawn */
export async function writeMarker(
  directory: string,
  settings: SampleDataSettings,
  complete: boolean,
): Promise<void> {
  const text = JSON.stringify({ drawnBy: 'csflow sample-data', complete, ...settings }, null, 2);
  await writeWhole(join(directory, MARKER), `${text}\n`);
}

/** File managers put these into every folder. */
const LEFT_BY_SYSTEMS = /^(\.DS_Store|\._.*|\.directory|Thumbs\.db|desktop\.ini)$/i;

/** What a killed run leaves beside the file it was writing. */
const UNFINISHED = /\.[0-9a-f-]{36}\.part$/;

function ownFiles(settings: SampleDataSettings): string[] {
  const pictures = planPictures(settings).flatMap(({ path, maskPath }) => [path, maskPath ?? path]);
  return [MARKER, ...pictures];
}

async function readMarker(directory: string): Promise<SampleDataSettings> {
  const path = join(directory, MARKER);
  try {
    return completeSettings(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>);
  } catch (error) {
    throw new UserError(
      `${path}: expected the settings of an earlier set of sample data (${messageOf(error)}); ` +
        'remove the folder yourself or name another one',
    );
  }
}

/** Files and folders directly in a folder, which is made if it is missing. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    await mkdir(directory, { recursive: true });
    return (await readdir(directory)).filter((name) => !LEFT_BY_SYSTEMS.test(name)).sort();
  } catch (error) {
    throw new UserError(
      `${directory}: expected a folder to draw into (${messageOf(error)}); name another folder`,
    );
  }
}

/** All files under a folder as relative paths with `/`. */
async function filesIn(directory: string, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) found.push(...(await filesIn(join(directory, entry.name), `${path}/`)));
    else if (!LEFT_BY_SYSTEMS.test(entry.name)) found.push(path);
  }
  return found.sort();
}

/** Those the files were in, and the folders of these; what still holds something stays. */
async function removeEmptyFolders(directory: string, files: readonly string[]): Promise<void> {
  const folders = new Set(files.map((file) => dirname(file)));
  const parents = [...folders].map((folder) => dirname(folder)).filter((folder) => folder !== '.');
  for (const folder of [...folders, ...new Set(parents)]) {
    await rmdir(join(directory, folder)).catch(() => undefined);
  }
}
