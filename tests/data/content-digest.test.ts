import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contentDigest, fileDigest } from '#csflow/data/content-digest.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = await temporaryFolder();
// The test vector "abc" of FIPS 180-2.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

it('is the SHA-256 of the content, from memory and from a file', async () => {
  await writeFile(join(folder, 'abc'), 'abc');
  expect(contentDigest('abc')).toBe(ABC);
  expect(contentDigest(Uint8Array.of(97, 98, 99))).toBe(ABC);
  expect(await fileDigest(join(folder, 'abc'))).toBe(ABC);
});

it('names a file that cannot be read', async () => {
  await expect(fileDigest(join(folder, 'none'))).rejects.toThrow(/none: the file could not be read/);
});
