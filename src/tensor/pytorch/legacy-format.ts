import type { StoredData, StoredTensor } from '../safetensors.js';
import { byteReader, type Fail } from './byte-reader.js';
import { describe, itemsOf, ofKind, type PickleValue } from './pickle-value.js';
import { readPickle, type Unpickled } from './pickle.js';
import { allowedInStateDict, tensorsOf } from './state-dict.js';
import { storageBytes, storageReference, type StorageReference } from './storage.js';

const magicNumber = 0x1950a86a20f9469cfc6cn;
const formatVersion = 1001;

/** Begins as a pickle of protocol 2 or later does. */
export const isPickle = (bytes: Uint8Array): boolean => bytes[0] === 0x80 && bytes[1] >= 2;

/**
 * The format of PyTorch before 1.6: pickles of a magic number, a format version, facts of the machine, the object
 * and the keys of its storages; then each storage in the order of the keys, its number of values before it.
 */
export function readLegacyFormat(bytes: Uint8Array, fail: Fail): ReadonlyMap<string, StoredTensor> {
  let position = 0;
  const next = (allows: (name: string) => boolean): Unpickled => {
    const pickle = readPickle(bytes, position, { allows, fail });
    position = pickle.end;
    return pickle;
  };
  const plain = (): PickleValue => next(() => false).value;

  const magic = plain();
  if (magic !== magicNumber) fail(`expected PyTorch's magic number, got ${describe(magic)}`);
  const version = plain();
  if (version !== formatVersion) fail(`expected format ${formatVersion}, got ${describe(version)}`);
  if (ofKind(plain(), 'dict')?.entries.get('little_endian') !== true) {
    fail('expected little-endian values, got another byte order');
  }
  const { value, persistentIds } = next(allowedInStateDict);
  const keys = itemsOf(plain()) ?? fail('expected the keys of its storages, got none');

  const references = new Map(
    persistentIds.map((id) => storageReference(id, fail)).map((reference) => [reference.key, reference]),
  );
  const storages = readStorages(bytes, position, keys, references, fail);
  return tensorsOf(
    value,
    ({ key }) => storages.get(key) ?? fail(`storage ${key} is not among those that follow its pickle`),
    fail,
  );
}

function readStorages(
  bytes: Uint8Array,
  start: number,
  keys: readonly PickleValue[],
  references: ReadonlyMap<string, StorageReference>,
  fail: Fail,
): ReadonlyMap<string, StoredData> {
  const read = byteReader(bytes, start, fail);
  const storages = new Map<string, StoredData>();
  for (const key of keys) {
    const reference = typeof key === 'string' ? references.get(key) : undefined;
    if (reference === undefined)
      return fail(`${describe(key)}: expected the key of a storage that a tensor reads`);
    const values = read.int64();
    if (values !== BigInt(reference.values)) {
      fail(`storage ${reference.key}: expected ${reference.values} values, got ${values}`);
    }
    storages.set(reference.key, reference.type.decode(read.take(storageBytes(reference)).slice().buffer));
  }
  return storages;
}
