import { mkdir, open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, UserError } from '../../errors.js';
import { readCsv } from './csv.js';
import { lockFile } from './file-lock.js';
import { realPath } from './real-path.js';
import { decodeRecord, encodeRecord, verdictColumns, type VerdictRecord } from './verdict-record.js';

/** What all verdicts of one file come from; see `VerdictRecord`. */
export type VerdictSource = Pick<VerdictRecord, 'model' | 'folder'>;

/** A CSV file of verdicts that grows line by line. */
export interface VerdictLog {
  /** What it held when it was opened: of each state of a photo one verdict, the first. */
  readonly earlier: readonly VerdictRecord[];
  /** Whether its last line was cut off, by a crash or a full disk, and has been removed. */
  readonly mended: boolean;
  /**
   * One line, written at once: it is there whole or not at all.
   * @throws UserError where the disk is full or the file has been removed or replaced
   */
  append(record: VerdictRecord): Promise<void>;
  /** Others may write to it from now on. */
  close(): Promise<void>;
}

const header = `${verdictColumns.join(',')}\n`;

/**
 * Opens the file for this process alone (a lock file stands beside it), made with its header where it is new, and
 * removes a line that was cut off.
 * @throws UserError where it cannot be written, another watch writes to it, it is no such file, or holds verdicts of
 * another model or folder
 */
export async function openVerdictLog(path: string, source: VerdictSource): Promise<VerdictLog> {
  await makeFolder(path);
  const lock = await lockFile(`${await realPath(path)}.lock`);
  try {
    const log = await openLocked(path, source);
    return {
      ...log,
      async close() {
        await log.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(path: string, source: VerdictSource): Promise<VerdictLog> {
  const content = await readExisting(path);
  const { records, wholeBytes } = readCsv(content);
  const [first, ...lines] = records;
  if (first !== undefined && first.join() !== verdictColumns.join()) {
    throw new UserError(
      `${path}: expected the columns ${verdictColumns.join()}, got ${first.join().slice(0, 80)}; name another file for --csv`,
    );
  }
  const cutOff = content.length > wholeBytes;
  if (first === undefined && cutOff && !header.startsWith(content.toString())) {
    throw new UserError(
      `${path}: expected a CSV file of an earlier watch or a new one, got other content; name another file for --csv`,
    );
  }
  const earlier = lines.map((fields, i) => decodeRecord(fields, `${path}, record ${i + 2}`));
  for (const what of ['model', 'folder'] as const) {
    const other = earlier.find((record) => record[what] !== source[what]);
    if (other === undefined) continue;
    throw new UserError(
      `${path}: it holds verdicts of another ${what} (${other[what]}, this one is ${source[what]}), with which new ones cannot be compared; name another file for --csv`,
    );
  }
  const file = await openToAppend(path);
  try {
    if (cutOff) await file.truncate(wholeBytes);
    if (first === undefined) await appendWhole(file, path, header);
  } catch (error) {
    await file.close();
    throw error;
  }
  const { ino } = await file.stat();
  return {
    earlier: firstOfEach(earlier),
    mended: cutOff,
    async append(record) {
      const there = await stat(path).catch(() => undefined);
      if (there?.ino !== ino) {
        throw new UserError(
          `${path}: the file was removed or replaced while verdicts were written to it; start again to go on`,
        );
      }
      await appendWhole(file, path, encodeRecord(record));
    },
    close: () => file.close(),
  };
}

/** Tells states of photos apart. */
export const photoKey = ({
  path,
  bytes,
  modified,
}: Pick<VerdictRecord, 'path' | 'bytes' | 'modified'>): string => JSON.stringify([path, bytes, modified]);

/** A verdict that stands there twice must not count twice. */
function firstOfEach(records: readonly VerdictRecord[]): readonly VerdictRecord[] {
  const first = new Map<string, VerdictRecord>();
  for (const record of records) {
    const key = photoKey(record);
    if (!first.has(key)) first.set(key, record);
  }
  return [...first.values()];
}

async function readExisting(path: string): Promise<Buffer> {
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is no file');
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw new UserError(`${path}: cannot be read (${messageOf(error)}); name another file for --csv`);
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a');
  } catch (error) {
    throw unwritable(path, error);
  }
}

const unwritable = (path: string, error: unknown): UserError =>
  new UserError(`${path}: cannot be written (${messageOf(error)}); name a file in a folder that can be`);

/** Takes back what a full disk let through of a line. */
async function appendWhole(file: FileHandle, path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  let reason: string;
  try {
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten === bytes.length) return;
    const { size } = await file.stat();
    await file.truncate(size - bytesWritten);
    reason = 'the disk is full';
  } catch (error) {
    reason = messageOf(error);
  }
  throw new UserError(
    `${path}: a verdict could not be written (${reason}); make room and start again to go on`,
  );
}
