import { createHash } from 'node:crypto';

/** Little-endian: magic, SHA-256 of all that follows, number of maps, length of each, then their float32 values. */
const MAGIC = Buffer.from('CSFEAT01', 'latin1');
const COUNT_AT = MAGIC.length + 32;

/** Maps as the bytes of a cache file, with a checksum. */
export function encodeFeatures(maps: readonly Float32Array[]): Buffer {
  const lengths = Uint32Array.of(maps.length, ...maps.map((map) => map.length));
  const parts = [lengths, ...maps].map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return Buffer.concat([MAGIC, hash.digest(), ...parts]);
}

/** The maps, or undefined where the bytes are not what {@link encodeFeatures} wrote. */
export function decodeFeatures(file: Buffer): readonly Float32Array[] | undefined {
  if (file.length < COUNT_AT + 4 || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const digest = createHash('sha256').update(file.subarray(COUNT_AT)).digest();
  if (!digest.equals(file.subarray(MAGIC.length, COUNT_AT))) return undefined;

  const count = file.readUInt32LE(COUNT_AT);
  let at = COUNT_AT + 4 + 4 * count;
  const maps: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    const map = new Float32Array(file.readUInt32LE(COUNT_AT + 4 + 4 * i));
    file.copy(new Uint8Array(map.buffer), 0, at, at + map.byteLength);
    maps.push(map);
    at += map.byteLength;
  }
  return maps;
}
