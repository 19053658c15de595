import { appendFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openVerdictLog } from '#csflow/cli/watch/verdict-log.js';
import { verdictColumns, type VerdictRecord } from '#csflow/cli/watch/verdict-record.js';
import { UserError } from '#csflow/errors.js';
import { temporaryFolder } from '../../data/temporary-folder.js';

const folder = await temporaryFolder();
let count = 0;
const newPath = (): string => join(folder, `verdicts-${count++}.csv`);
const model = '0123456789abcdef';
const source = { model, folder: '/photos of, camera "1"' };
const header = `${verdictColumns.join(',')}\n`;

const good = (path: string): VerdictRecord => ({
  time: new Date(1_700_000_000_123),
  path,
  bytes: 1234,
  modified: 1_690_000_000_456,
  verdict: 'good',
  score: Math.fround(0.1234567),
  pValue: 1 / 3,
  driftEvidence: 1.25,
  ...source,
});
const failed: VerdictRecord = {
  time: new Date(1_700_000_000_999),
  path: 'x.png',
  bytes: 0,
  modified: 1_690_000_000_457,
  verdict: 'failed',
  reason: 'x.png: the file is empty (0 bytes); "expected", an image',
  ...source,
};

async function written(path: string, records: readonly VerdictRecord[]): Promise<void> {
  const log = await openVerdictLog(path, source);
  for (const record of records) await log.append(record);
  await log.close();
}

describe('a verdict log', () => {
  const names = ['a.png', 'sub/b,c.png', 'd "e".png', 'f\ng.png', 'h\r\ni.png', '=ü🙂.png'];

  it('gives back what was appended, over several openings, with one header', async () => {
    const path = newPath();
    const records = [...names.map(good), failed, { ...good('z.png'), drift: 'scores higher' }];
    for (const record of records) await written(path, [record]);
    const log = await openVerdictLog(path, source);
    await log.close();
    expect(log.mended).toBe(false);
    expect(log.earlier).toEqual(records);
    const text = await readFile(path, 'utf8');
    expect(text.startsWith(header)).toBe(true);
    expect(text.split(header)).toHaveLength(2);
    expect(text).toContain(
      '\n2023-11-14T22:13:20.123Z,a.png,1234,2023-07-22T04:26:40.456Z,good,0.12345670163631439,' +
        '0.3333333333333333,1.25,,,0123456789abcdef,"/photos of, camera ""1"""\n',
    );
  });

  it('mends a line that was cut off, wherever, and goes on after it', async () => {
    const original = newPath();
    await written(original, [good('a.png')]);
    const whole = (await stat(original)).size;
    await written(original, [good('cut\n, "off".png')]);
    const content = await readFile(original);
    for (let size = content.length - 1; size > whole; size -= 7) {
      const path = newPath();
      await writeFile(path, content.subarray(0, size));
      const log = await openVerdictLog(path, source);
      expect([log.mended, log.earlier]).toEqual([true, [good('a.png')]]);
      await log.append(failed);
      await log.close();
      const again = await openVerdictLog(path, source);
      await again.close();
      expect([again.mended, again.earlier]).toEqual([false, [good('a.png'), failed]]);
    }
  });

  it('mends a header that was cut off', async () => {
    const path = newPath();
    await writeFile(path, header.slice(0, 20));
    await written(path, [failed]);
    expect((await readFile(path, 'utf8')).startsWith(header)).toBe(true);
  });

  it('refuses a file of other content, of another model and a damaged line, and leaves it as it is', async () => {
    const cases: [string, RegExp][] = [
      ['dear diary', /expected a CSV file of an earlier watch or a new one/],
      ['a,b\n1,2\n', /expected the columns time,path.*got a,b/],
      [
        `${header}2023,a.png,many,x,good,1,1,1,,,${model},/photos\n`,
        /record 2: expected a verdict of csflow predict --watch/,
      ],
      [`${header}1,2,3\n`, /record 2: expected a verdict/],
    ];
    for (const [content, message] of cases) {
      const path = newPath();
      await writeFile(path, content);
      await expect(openVerdictLog(path, source)).rejects.toThrow(message);
      expect(await readFile(path, 'utf8')).toBe(content);
    }
    const path = newPath();
    await written(path, [good('a.png')]);
    await expect(openVerdictLog(path, { ...source, model: 'fedcba9876543210' })).rejects.toThrow(
      /verdicts of another model \(0123456789abcdef, this one is fedcba9876543210\)/,
    );
    await expect(openVerdictLog(path, { ...source, folder: '/camera 2' })).rejects.toThrow(
      /verdicts of another folder \(\/photos of, camera "1", this one is \/camera 2\)/,
    );
    expect((await readdir(folder)).filter((name) => name.includes('.lock'))).toEqual([]);
  });

  it('counts a verdict that stands there twice once, and each state of a photo', async () => {
    const path = newPath();
    const changed = { ...good('a.png'), modified: 1_690_000_000_999 };
    const records = [good('a.png'), failed, changed];
    await written(path, records);
    const lines = (await readFile(path, 'utf8')).slice(header.length);
    await appendFile(path, lines.replaceAll(',good,', ',defective,'));
    const log = await openVerdictLog(path, source);
    await log.close();
    expect(log.earlier).toEqual(records);
  });

  it('refuses a folder', async () => {
    const path = newPath();
    await mkdir(path);
    await expect(openVerdictLog(path, source)).rejects.toThrow(UserError);
  });

  it('says so where the file is renamed while it is written', async () => {
    const path = newPath();
    const log = await openVerdictLog(path, source);
    await rename(path, `${path}.old`);
    await expect(log.append(failed)).rejects.toThrow(/removed or replaced while verdicts were written/);
    await log.close();
  });
});
