import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfToFloat } from '#csflow/tensor/float16.js';
import { floatsOf, readSafetensors, writeSafetensors } from '#csflow/tensor/safetensors.js';

const bytesOf = (header: unknown, body: number[] = []): Uint8Array => {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
};

describe('safetensors', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.float32Array()),
        fc.string(),
        (arrays, note) => {
          const names = Object.keys(arrays).filter((name) => name !== '__metadata__' && name !== '__proto__');
          const tensors = new Map(
            names.map((name) => [name, { dims: [arrays[name].length], data: arrays[name] }]),
          );
          const file = readSafetensors(writeSafetensors(tensors, { note }));
          expect(file.metadata.note).toBe(note);
          expect([...file.tensors.keys()].sort()).toEqual([...names].sort());
          for (const [name, { data }] of tensors) expect(floatsOf(file, name).data).toEqual(data);
        },
      ),
    );
  });

  it("reads from the middle of a larger buffer, as Node's small files come", () => {
    const whole = writeSafetensors(new Map([['a', { dims: [2], data: Float32Array.of(1, 2) }]]));
    const shifted = Buffer.concat([Buffer.alloc(3), whole]).subarray(3);
    expect([...floatsOf(readSafetensors(shifted), 'a').data]).toEqual([1, 2]);
  });

  it('widens half precision exactly', () => {
    expect([0x3c00, 0xc000, 0x3555, 0x0001, 0x7c00, 0x8000].map(halfToFloat)).toEqual([
      1,
      -2,
      0.333251953125,
      2 ** -24,
      Infinity,
      -0,
    ]);
    expect(halfToFloat(0x7e00)).toBeNaN();
    const file = readSafetensors(
      bytesOf({ h: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }, [0, 0x3c, 0, 0xc0]),
    );
    expect([...floatsOf(file, 'h').data]).toEqual([1, -2]);
  });

  it.each([
    ['too short', Uint8Array.of(1, 2), /m.st: .*at least 8 bytes, got 2/],
    [
      'a header past the end',
      Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 1),
      /says 255 bytes, the file has 1 left/,
    ],
    ['no JSON', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 65), /header is no JSON/],
    [
      'an unknown type',
      bytesOf({ a: { dtype: 'X9', shape: [], data_offsets: [0, 4] } }),
      /a has the unknown type X9/,
    ],
    [
      'values cut off',
      bytesOf({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, [1, 2, 3]),
      /a needs 8 bytes, the file gives it 3/,
    ],
    [
      'a wrong length',
      bytesOf({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, [1, 2, 3, 4]),
      /a needs 8 bytes/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'm.st')).toThrow(message);
  });

  it('names a tensor that is missing or of another type', () => {
    const file = readSafetensors(bytesOf({ a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }, [7]));
    expect(() => floatsOf(file, 'b')).toThrow('tensor b is missing');
    expect(() => floatsOf(file, 'a')).toThrow('tensor a: expected F32 or F16, got U8');
  });
});
