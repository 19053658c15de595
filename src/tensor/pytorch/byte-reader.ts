/** Makes an error of what is wrong with a file and throws it. */
export type Fail = (what: string) => never;

/** Little-endian numbers and text, one after another; what reaches past the end is an error. */
export interface ByteReader {
  /** Index of the next byte. */
  readonly position: () => number;
  readonly take: (count: number) => Uint8Array;
  readonly unsigned: (byteCount: 1 | 2 | 4) => number;
  readonly int32: () => number;
  readonly int64: () => bigint;
  readonly float64BigEndian: () => number;
  /** ASCII up to a line feed, which is passed over. */
  readonly line: () => string;
  readonly utf8: (byteCount: number) => string;
}

export function byteReader(bytes: Uint8Array, start: number, fail: Fail): ByteReader {
  let next = start;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const advance = (count: number): number => {
    if (!Number.isSafeInteger(count) || count < 0 || count > bytes.length - next) {
      fail(`cut off: ${count} bytes are wanted at byte ${next}, ${bytes.length - next} are left`);
    }
    const from = next;
    next += count;
    return from;
  };
  const take = (count: number): Uint8Array => {
    const from = advance(count);
    return bytes.subarray(from, from + count);
  };
  return {
    position: () => next,
    take,
    unsigned: (byteCount) => take(byteCount).reduceRight((value, byte) => value * 256 + byte, 0),
    int32: () => view.getInt32(advance(4), true),
    int64: () => view.getBigInt64(advance(8), true),
    float64BigEndian: () => view.getFloat64(advance(8), false),
    line: () => {
      const end = bytes.indexOf(10, next);
      if (end < 0) fail(`cut off: the line that begins at byte ${next} has no end`);
      const text = new TextDecoder('latin1').decode(take(end - next));
      advance(1);
      return text;
    },
    utf8: (byteCount) => new TextDecoder().decode(take(byteCount)),
  };
}
