import { UserError } from '../errors.js';
import { halvesToFloats } from './float16.js';
import { elementCount } from './tensor.js';

export type StoredDtype = 'F16' | 'F32' | 'F64' | 'U8' | 'I32' | 'I64';
export type StoredData = Float32Array | Float64Array | Uint8Array | Int32Array | BigInt64Array;

export interface StoredTensor {
  readonly dtype: StoredDtype;
  readonly dims: readonly number[];
  /** Half-precision tensors are given as single precision. */
  readonly data: StoredData;
}

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const bytesPerElement: Readonly<Record<StoredDtype, number>> = {
  F16: 2,
  F32: 4,
  F64: 8,
  U8: 1,
  I32: 4,
  I64: 8,
};

/**
 * Reads the safetensors format: eight bytes of header length, a JSON header, then the values.
 * @param source names the file in errors
 */
export function readSafetensors(bytes: Uint8Array, source = 'safetensors'): Safetensors {
  const fail = (what: string): never => {
    throw new UserError(`${source}: not a whole safetensors file: ${what}`);
  };
  if (bytes.length < 8) fail(`expected at least 8 bytes, got ${bytes.length}`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > bytes.length - 8) {
    fail(`the header says ${headerLength} bytes, the file has ${bytes.length - 8} left`);
  }
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)), fail);
  // A plain Uint8Array: the slice() of Node's Buffer would share memory instead of copying to an aligned start.
  const start = bytes.byteOffset + 8 + headerLength;
  const body = new Uint8Array(bytes.buffer, start, bytes.length - 8 - headerLength);
  const tensors = new Map<string, StoredTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as unknown as Record<string, string>;
      continue;
    }
    if (!(entry.dtype in bytesPerElement)) fail(`tensor ${name} has the unknown type ${entry.dtype}`);
    const dtype = entry.dtype as StoredDtype;
    const [start, end] = entry.data_offsets;
    const expected = elementCount(entry.shape) * bytesPerElement[dtype];
    if (end - start !== expected || end > body.length || start < 0) {
      fail(`tensor ${name} needs ${expected} bytes, the file gives it ${Math.min(end, body.length) - start}`);
    }
    tensors.set(name, { dtype, dims: entry.shape, data: decode(dtype, body.slice(start, end).buffer) });
  }
  return { metadata, tensors };
}

function parseHeader(text: string, fail: (what: string) => never): Record<string, HeaderEntry> {
  try {
    return JSON.parse(text) as Record<string, HeaderEntry>;
  } catch {
    return fail('its header is no JSON');
  }
}

function decode(dtype: StoredDtype, buffer: ArrayBuffer): StoredData {
  switch (dtype) {
    case 'F16':
      return halvesToFloats(new Uint16Array(buffer));
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float64Array(buffer);
    case 'U8':
      return new Uint8Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
  }
}

/** What stands before the values of single-precision tensors, which follow in this order without gaps. */
export function safetensorsHeader(
  dimsOf: ReadonlyMap<string, readonly number[]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, shape] of dimsOf) {
    const end = offset + 4 * elementCount(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const bare = JSON.stringify(header);
  const length = new TextEncoder().encode(bare).length;
  const text = new TextEncoder().encode(bare + ' '.repeat((8 - (length % 8)) % 8));
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** The bytes of single-precision values, as safetensors has them. */
export const bytesOf = (data: Float32Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Writes single-precision tensors; the counterpart of `readSafetensors`. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header = safetensorsHeader(new Map([...tensors].map(([name, { dims }]) => [name, dims])), metadata);
  const body = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = new Uint8Array(header.length + body);
  bytes.set(header);
  let position = header.length;
  for (const { data } of tensors.values()) {
    bytes.set(bytesOf(data), position);
    position += data.byteLength;
  }
  return bytes;
}

/** The single-precision values of one tensor; a missing one is an error that names it. */
export function floatsOf(file: Safetensors, name: string): { dims: readonly number[]; data: Float32Array } {
  const tensor = file.tensors.get(name);
  if (tensor === undefined) throw new UserError(`tensor ${name} is missing from the file`);
  if (!(tensor.data instanceof Float32Array)) {
    throw new UserError(`tensor ${name}: expected F32 or F16, got ${tensor.dtype}`);
  }
  return { dims: tensor.dims, data: tensor.data };
}
