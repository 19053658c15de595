import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField, readCsv } from '#csflow/cli/watch/csv.js';

const field = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', 'ü', '🙂', ' ') }),
);
const record = fc.array(field, { minLength: 1, maxLength: 5 });
const encode = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\n`;

describe('CSV', () => {
  it('gives back what was written, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const content = new TextEncoder().encode(records.map(encode).join(''));
        expect(readCsv(content)).toEqual({ records, wholeBytes: content.length });
      }),
    );
  });

  it('cut off anywhere, gives the whole records and where they end', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1 }), fc.nat(), (records, cut) => {
        const lines = records.map((fields) => new TextEncoder().encode(encode(fields)));
        const content = Buffer.concat(lines);
        const length = cut % content.length;
        let whole = 0;
        let wholeBytes = 0;
        while (wholeBytes + lines[whole].length <= length) wholeBytes += lines[whole++].length;
        expect(readCsv(content.subarray(0, length))).toEqual({
          records: records.slice(0, whole),
          wholeBytes,
        });
      }),
    );
  });

  it('takes line ends of Windows', () => {
    expect(readCsv(Buffer.from('a,"b\r\n,"\r\n\r\n')).records).toEqual([['a', 'b\r\n,'], ['']]);
  });
});
