/** A field of RFC 4180: in quotes where it holds a comma, a quote or a line end. */
export const csvField = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

export interface CsvReading {
  readonly records: readonly (readonly string[])[];
  /** Bytes up to the end of the last whole record; what follows was cut off while it was written. */
  readonly wholeBytes: number;
}

const [quote, comma, carriageReturn, lineFeed] = [0x22, 0x2c, 0x0d, 0x0a];

/**
 * The records of an RFC 4180 file in UTF-8. A record is whole once its line end is there; one without is not read. Own
 * code, since where the last whole record ends in bytes is what mending a file takes.
 */
export function readCsv(content: Uint8Array): CsvReading {
  const text = new TextDecoder();
  const records: string[][] = [];
  let fields: string[] = [];
  let start = 0;
  let quoted = false;
  let wholeBytes = 0;
  const endField = (end: number): void => {
    const field = text.decode(content.subarray(start, end));
    fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    start = end + 1;
  };
  for (let at = 0; at < content.length; at++) {
    const byte = content[at];
    if (byte === quote) quoted = !quoted;
    else if (quoted) continue;
    else if (byte === comma) endField(at);
    else if (byte === lineFeed) {
      endField(content[at - 1] === carriageReturn && at > start ? at - 1 : at);
      start = at + 1;
      records.push(fields);
      fields = [];
      wholeBytes = at + 1;
    }
  }
  return { records, wholeBytes };
}
