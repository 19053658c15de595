import { expect, it } from 'vitest';
import { contentDigest } from '#csflow/data/content-digest.js';

// The test vector "abc" of FIPS 180-2.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

it('is the SHA-256 of text and of bytes', () => {
  expect(contentDigest('abc')).toBe(ABC);
  expect(contentDigest(Uint8Array.of(97, 98, 99))).toBe(ABC);
});
