import { halvesToFloats } from '../float16.js';
import type { StoredData, StoredDtype } from '../safetensors.js';
import type { Fail } from './byte-reader.js';
import { describe, itemsOf, ofKind, type PickleValue } from './pickle-value.js';

/** How the values of a storage class lie in the file and what they are read as. */
interface StorageType {
  readonly bytesPerValue: number;
  readonly dtype: StoredDtype;
  readonly decode: (buffer: ArrayBuffer) => StoredData;
}

const toFloats = (brains: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(brains, (bits) => bits << 16).buffer);

const storageTypes: Readonly<Record<string, StorageType>> = {
  'torch.FloatStorage': { bytesPerValue: 4, dtype: 'F32', decode: (b) => new Float32Array(b) },
  'torch.DoubleStorage': { bytesPerValue: 8, dtype: 'F64', decode: (b) => new Float64Array(b) },
  'torch.HalfStorage': { bytesPerValue: 2, dtype: 'F16', decode: (b) => halvesToFloats(new Uint16Array(b)) },
  'torch.BFloat16Storage': { bytesPerValue: 2, dtype: 'F32', decode: (b) => toFloats(new Uint16Array(b)) },
  'torch.LongStorage': { bytesPerValue: 8, dtype: 'I64', decode: (b) => new BigInt64Array(b) },
  'torch.IntStorage': { bytesPerValue: 4, dtype: 'I32', decode: (b) => new Int32Array(b) },
  'torch.ShortStorage': { bytesPerValue: 2, dtype: 'I32', decode: (b) => Int32Array.from(new Int16Array(b)) },
  'torch.CharStorage': { bytesPerValue: 1, dtype: 'I32', decode: (b) => Int32Array.from(new Int8Array(b)) },
  'torch.ByteStorage': { bytesPerValue: 1, dtype: 'U8', decode: (b) => new Uint8Array(b) },
  'torch.BoolStorage': { bytesPerValue: 1, dtype: 'U8', decode: (b) => new Uint8Array(b) },
};

export const storageClasses: readonly string[] = Object.keys(storageTypes);

/** What a pickle says of values that lie outside it. */
export interface StorageReference {
  readonly key: string;
  readonly type: StorageType;
  readonly values: number;
}

/** @param id `('storage', class, key, device, number of values)`, in old files with a sixth part */
export function storageReference(id: PickleValue, fail: Fail): StorageReference {
  const [tag, storageClass, key, , values, view] = itemsOf(id) ?? [];
  const name = ofKind(storageClass, 'global')?.name ?? '';
  if (tag !== 'storage' || !(name in storageTypes) || typeof key !== 'string') {
    return fail(`expected a reference to a storage, got ${describe(id)} of ${describe(storageClass)}`);
  }
  if (typeof values !== 'number' || !Number.isSafeInteger(values) || values < 0) {
    return fail(`storage ${key}: expected a number of values, got ${describe(values)}`);
  }
  if (view !== undefined && view !== null) {
    return fail(`storage ${key} is a view of another one; load it with PyTorch and save it again`);
  }
  return { key, type: storageTypes[name], values };
}

export const storageBytes = ({ type, values }: StorageReference): number => type.bytesPerValue * values;
