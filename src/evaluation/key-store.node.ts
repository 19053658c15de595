import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import type { FloatKeys } from './float-keys.js';
import type { PixelSource } from './good-pixels.js';

/** Keys put aside until they can be counted. */
export interface KeyStore {
  add(source: PixelSource, keys: FloatKeys): void;
  /** Gives everything back, in the order it came, and forgets it. */
  drain(take: (source: PixelSource, keys: FloatKeys) => void): void;
  /** Removes the file, if there is one. */
  close(): void;
}

interface Stored {
  readonly source: PixelSource;
  readonly count: number;
}

/** Pixels kept in memory (4 bytes each); more go to a file in the system's folder for temporary files. */
const defaultLimit = 2 ** 24;

/** @param limit pixels kept in memory, default 2^24 (64 MB) */
export function openKeyStore(limit = defaultLimit): KeyStore {
  const written: Stored[] = [];
  let held: { readonly source: PixelSource; readonly keys: FloatKeys }[] = [];
  let heldPixels = 0;
  let folder: string | undefined;
  let file: number | undefined;

  const spill = (): void => {
    try {
      file ??= openFile();
      for (const { source, keys } of held) {
        const bytes = bytesOf(keys);
        for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
        written.push({ source, count: keys.length });
      }
    } catch (error) {
      throw new UserError(
        `${tmpdir()}: expected room for the pixel scores of the defective pictures (4 bytes a pixel), ` +
          `got "${messageOf(error)}"; make room, or name another folder in the variable TMPDIR`,
      );
    }
    held = [];
    heldPixels = 0;
  };
  const openFile = (): number => {
    folder = mkdtempSync(join(tmpdir(), 'csflow-pixels-'));
    const opened = openSync(join(folder, 'scores'), 'wx+');
    // Where the system lets an open file be removed, nothing stays behind even if the process is killed.
    removeFolder();
    return opened;
  };
  const removeFolder = (): void => {
    if (folder === undefined) return;
    try {
      rmSync(folder, { recursive: true });
      folder = undefined;
    } catch {
      // Removed when the file is closed.
    }
  };

  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    removeFolder();
  };

  return {
    add(source, keys) {
      held.push({ source, keys });
      heldPixels += keys.length;
      if (heldPixels > limit) spill();
    },
    drain(take) {
      let position = 0;
      for (const { source, count } of written) {
        const keys = new Uint32Array(count);
        const bytes = bytesOf(keys);
        for (let done = 0; done < bytes.length;) {
          const read = readSync(file!, bytes, done, bytes.length - done, position + done);
          if (read === 0) throw new Error('the temporary file of pixel scores has been cut short');
          done += read;
        }
        position += bytes.length;
        take(source, keys);
      }
      for (const { source, keys } of held) take(source, keys);
      written.length = 0;
      held = [];
      close();
    },
    close,
  };
}

function bytesOf(keys: FloatKeys): Uint8Array {
  return new Uint8Array(keys.buffer, keys.byteOffset, keys.byteLength);
}
