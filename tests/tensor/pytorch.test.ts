import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPyTorch } from '#csflow/tensor/pytorch/index.js';
import { legacyFile, op, parameter, pickle, tensor, zipFile, type WrittenTensor } from './write-pytorch.js';

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const six = bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6));
const floats: WrittenTensor = {
  storage: '0',
  storageClass: 'FloatStorage',
  values: 6,
  dims: [2, 3],
  strides: [3, 1],
};
const stateDict = op.dict({ weight: tensor(floats) });
const zip = zipFile(stateDict, { '0': six });
const legacy = legacyFile(stateDict, { '0': { bytes: six, values: 6 } });
const read = (bytes: Uint8Array) => readPyTorch(bytes, 'm.pth');

describe('PyTorch files', () => {
  it.each([
    ['zip', zip],
    ['legacy', legacy],
  ])('reads a state dict in the %s format', (_, bytes) => {
    expect([...read(bytes).tensors]).toEqual([
      ['weight', { dtype: 'F32', dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ]);
  });

  it("reads from the middle of a larger buffer, as Node's small files come", () => {
    const shifted = Buffer.concat([Buffer.alloc(3), legacy]).subarray(3);
    expect(read(shifted)).toEqual(read(legacy));
  });

  it('follows offsets and strides, and reads a storage that two tensors share', () => {
    const value = op.dict({
      transposed: tensor({ ...floats, dims: [3, 2], strides: [1, 3] }),
      column: parameter(tensor({ ...floats, offset: 1, dims: [2], strides: [3] })),
      scalar: tensor({ ...floats, offset: 5, dims: [], strides: [] }),
      empty: tensor({ ...floats, dims: [0, 3], strides: [3, 1] }),
      epoch: op.int(7),
    });
    const { tensors } = read(zipFile(value, { '0': six }));
    const found = Object.fromEntries([...tensors].map(([name, { dims, data }]) => [name, [dims, [...data]]]));
    expect(found).toEqual({
      transposed: [
        [3, 2],
        [1, 4, 2, 5, 3, 6],
      ],
      column: [[2], [2, 5]],
      scalar: [[], [6]],
      empty: [[0, 3], []],
    });
  });

  it.each([
    ['DoubleStorage', 'F64', Float64Array.of(-2, 0.5), [-2, 0.5]],
    ['HalfStorage', 'F16', Uint16Array.of(0xc000, 0x3800), [-2, 0.5]],
    ['BFloat16Storage', 'F32', Uint16Array.of(0xc000, 0x3f00), [-2, 0.5]],
    ['LongStorage', 'I64', BigInt64Array.of(-2n, 5n), [-2n, 5n]],
    ['IntStorage', 'I32', Int32Array.of(-2, 5), [-2, 5]],
    ['ShortStorage', 'I32', Int16Array.of(-2, 5), [-2, 5]],
    ['CharStorage', 'I32', Int8Array.of(-2, 5), [-2, 5]],
    ['ByteStorage', 'U8', Uint8Array.of(254, 5), [254, 5]],
    ['BoolStorage', 'U8', Uint8Array.of(1, 0), [1, 0]],
  ])('reads a %s', (storageClass, dtype, values, expected) => {
    const value = op.dict({ a: tensor({ ...floats, storageClass, values: 2, dims: [2], strides: [1] }) });
    const found = read(zipFile(value, { '0': bytesOf(values) })).tensors.get('a')!;
    expect(found.dtype).toBe(dtype);
    expect([...found.data]).toEqual(expected);
  });
});

describe('files that PyTorch did not write so', () => {
  const system = op.call(op.global('os', 'system'), op.text('echo harm'));
  const wrongTensor = (change: Partial<WrittenTensor>): Uint8Array =>
    zipFile(op.dict({ weight: tensor({ ...floats, ...change }) }), { '0': six });
  it.each([
    ['nothing', new Uint8Array(), /m\.pth: .*expected a zip archive or a pickle, got an empty file/],
    ['text', new TextEncoder().encode('<!DOCTYPE html>'), /begins with the bytes 3c 21 44 4f 43 54 59 50/],
    ['a zip archive cut off', zip.slice(0, -30), /zip archive is damaged or cut off/],
    ['a zip archive without a pickle', emptyZip(), /expected one data\.pkl in its zip archive, got 0/],
    ['compressed entries', zipFile(stateDict, { '0': six }, { level: 6 }), /data\.pkl is compressed/],
    ['big-endian values', zipFile(stateDict, { '0': six }, { order: 'big' }), /the byte order big/],
    ['a storage left out', zipFile(stateDict, {}), /storage 0: expected 24 bytes, got none/],
    [
      'a storage too short',
      zipFile(stateDict, { '0': six.slice(4) }),
      /storage 0: expected 24 bytes, got 20/,
    ],
    ['os.system in a zip archive', zipFile(system, {}), /it names os\.system, .* refused/],
    ['os.system in the legacy format', legacyFile(system, {}), /it names os\.system, .* refused/],
    [
      'os.system where the magic number stands',
      legacyFile(stateDict, {}, { magic: pickle(system) }),
      /it names os\.system/,
    ],
    [
      'another magic number',
      legacyFile(stateDict, {}, { magic: pickle(op.int(7)) }),
      /magic number, got the number 7/,
    ],
    [
      'another format version',
      legacyFile(stateDict, {}, { version: 1002 }),
      /format 1001, got the number 1002/,
    ],
    ['big-endian values, legacy', legacyFile(stateDict, {}, { littleEndian: false }), /another byte order/],
    ['a legacy storage left out', legacyFile(stateDict, {}), /storage 0 is not among those that follow/],
    [
      'a legacy storage of another length',
      legacyFile(stateDict, { '0': { bytes: six, values: 5 } }),
      /storage 0: expected 6 values, got 5/,
    ],
    [
      'sides that do not fit',
      wrongTensor({ dims: [3, 3] }),
      /tensor weight: sides 3×3 with strides 3, 1 from 0/,
    ],
    ['an offset that does not fit', wrongTensor({ offset: 1 }), /from 1 on do not fit into the 6 values/],
    [
      'a negative stride',
      wrongTensor({ strides: [-3, 1] }),
      /tensor weight: expected its strides as whole numbers/,
    ],
    ['far more values than stored', wrongTensor({ dims: [1 << 30, 1], strides: [0, 1] }), /do not fit/],
    ['no state dict', zipFile(op.list(), {}), /expected a state dict \(names to tensors\), got a list/],
    [
      'a dict of something else',
      zipFile(op.dict({ epoch: op.int(1) }), {}),
      /a dict without tensors \(epoch\)/,
    ],
    ['a stack run empty', Uint8Array.of(0x80, 2, 0x52), /damaged before byte 3: a value is wanted/],
    ['a memo entry never put', Uint8Array.of(0x80, 2, 0x68, 9), /entry 9 of its memo/],
    ['an unknown opcode', Uint8Array.of(0x80, 2, 0xff), /unknown opcode 0xff/],
    ['a later pickle protocol', Uint8Array.of(0x80, 5), /pickle protocol 5: expected at most 4/],
    [
      'something called that is no function',
      Uint8Array.of(0x80, 2, 0x4e, 0x29, 0x52),
      /nothing is to be called/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'UserError' }));
  });

  it('refuses a legacy file cut off anywhere', () => {
    for (let length = 1; length < legacy.length; length++) {
      expect(() => read(legacy.slice(0, length))).toThrow(expect.objectContaining({ name: 'UserError' }));
    }
  });

  it('never fails otherwise than with a UserError, whichever byte is changed', () => {
    for (const whole of [legacy, zip]) {
      for (let at = 0; at < whole.length; at++) {
        const changed = Uint8Array.from(whole, (byte, i) => (i === at ? byte ^ 0x55 : byte));
        try {
          read(changed);
        } catch (error) {
          expect((error as Error).name).toBe('UserError');
        }
      }
    }
  });
});

function emptyZip(): Uint8Array {
  const archive = zipFile(stateDict, {});
  const name = new TextEncoder().encode('data.pkl');
  return archive.map((byte, i) => (name.every((char, k) => archive[i + k] === char) ? byte ^ 1 : byte));
}

const checkpoints = new URL('../../../shared/golden/checkpoints/', import.meta.url);

describe.skipIf(!existsSync(checkpoints))("the original's whole-model files (needs ../shared)", () => {
  it.each(['original_whole_model.pt', 'original_whole_model_legacy.pt'])('%s is refused by name', (name) => {
    expect(() => readPyTorch(readFileSync(new URL(name, checkpoints)), name)).toThrow(
      `${name}: not a state dict of PyTorch that can be read: it names freia_funcs.ReversibleGraphNet`,
    );
  });
});
