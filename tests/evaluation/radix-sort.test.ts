import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, isNaNBits, keyOfBits, keysToFloats } from '#csflow/evaluation/float-keys.js';
import { radixSort } from '#csflow/evaluation/radix-sort.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

fc.configureGlobal({ seed: 2022 });

describe('radixSort', () => {
  it('sorts the first values as Uint32Array.sort does', () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(0, 0x7ff, 0x800, 0x3fffff, 0x400000, 0xffffffff),
    );
    fc.assert(
      fc.property(fc.array(value), fc.nat(5), (values, rest) => {
        const all = Uint32Array.from([...values, ...Array<number>(rest).fill(7)]);
        const sorted = radixSort(all, values.length, new Uint32Array(all.length));
        expect(sorted.subarray(0, values.length)).toEqual(Uint32Array.from(values).sort());
      }),
    );
  });
});

describe('radixSort of many', () => {
  it.each([
    ['all bits', (x: number) => x],
    ['one highest digit', (x: number) => x % 2 ** 21],
    ['few values', (x: number) => (x % 5) * 2 ** 30],
    ['shares around the limit of insertion', (x: number) => (x % 160) * 2 ** 21 + (x % 1000)],
  ])('%s', (_, shape) => {
    const random = new NumpyRandom(4);
    const values = Uint32Array.from({ length: 10_000 }, () => shape(random.integerUpTo(0xffffffff)));
    const expected = values.slice().sort();
    expect(radixSort(values, values.length, new Uint32Array(10_000))).toEqual(expected);
  });
});

describe('float keys', () => {
  it('are in the order of the floats and give them back, −0 as 0', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true })), (values) => {
        const floats = Float32Array.from(values);
        const keys = bitsOf(floats).map(keyOfBits).sort();
        const expected = floats.map((value) => value + 0).sort();
        expect(keysToFloats(keys)).toEqual(expected);
      }),
    );
  });

  it('knows every NaN', () => {
    const bits = bitsOf(Float32Array.of(NaN, Infinity, -Infinity, 0, -0, 1e-45, 3e38));
    expect([...bits].map(isNaNBits)).toEqual([true, false, false, false, false, false, false]);
    expect([0xffc00000, 0x7f800001, 0xff800001].map(isNaNBits)).toEqual([true, true, true]);
  });
});
