import { unzipSync } from 'fflate';
import { messageOf, UserError } from '../../errors.js';
import type { StoredTensor } from '../safetensors.js';
import type { Fail } from './byte-reader.js';
import { readPickle } from './pickle.js';
import { allowedInStateDict, tensorsOf } from './state-dict.js';
import { storageBytes } from './storage.js';

/** Begins as a zip archive does. */
export const isZip = (bytes: Uint8Array): boolean =>
  [0x50, 0x4b, 0x03, 0x04].every((byte, i) => bytes[i] === byte);

type Extract = (wanted: (path: string) => boolean) => ReadonlyMap<string, Uint8Array>;

function archive(bytes: Uint8Array, fail: Fail): Extract {
  return (wanted) => {
    try {
      const entries = unzipSync(bytes, {
        filter: ({ name, compression }) => {
          if (!wanted(name)) return false;
          if (compression !== 0) fail(`its entry ${name} is compressed; PyTorch stores entries as they are`);
          return true;
        },
      });
      return new Map(Object.entries(entries));
    } catch (error) {
      if (error instanceof UserError) throw error;
      return fail(`its zip archive is damaged or cut off (${messageOf(error)})`);
    }
  };
}

/**
 * The format of PyTorch from 1.6 on: a zip archive with the pickle in `<name>/data.pkl` and each storage in
 * `<name>/data/<key>`.
 */
export function readZipFormat(bytes: Uint8Array, fail: Fail): ReadonlyMap<string, StoredTensor> {
  const extract = archive(bytes, fail);
  const head = extract((path) => /(^|\/)(data\.pkl|byteorder)$/.test(path));
  const pickles = [...head.keys()].filter((path) => path.endsWith('data.pkl'));
  if (pickles.length !== 1) fail(`expected one data.pkl in its zip archive, got ${pickles.length}`);
  const folder = pickles[0].slice(0, -'data.pkl'.length);
  const byteOrder = head.get(`${folder}byteorder`);
  if (byteOrder !== undefined && new TextDecoder().decode(byteOrder) !== 'little') {
    fail(`expected little-endian values, got the byte order ${new TextDecoder().decode(byteOrder)}`);
  }
  const { value } = readPickle(head.get(pickles[0])!, 0, { allows: allowedInStateDict, fail });
  const storages = extract((path) => path.startsWith(`${folder}data/`));
  return tensorsOf(
    value,
    (reference) => {
      const stored = storages.get(`${folder}data/${reference.key}`);
      const expected = storageBytes(reference);
      if (stored?.length !== expected) {
        return fail(`storage ${reference.key}: expected ${expected} bytes, got ${stored?.length ?? 'none'}`);
      }
      return reference.type.decode(stored.slice().buffer);
    },
    fail,
  );
}
