import { once } from 'node:events';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf } from '#csflow/cli/learning-curve-report.js';
import { csflow, csflowJson, startCsflow, folderWithSampleData } from './command.js';

let folder: string;
let data: string;
const inFolder = () => ({ cache: join(folder, 'cache') });
const settings = ['--preset', 'tiny', '--sizes', '4,24', '--seeds', '2'];

beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 36, test: 6, defects: 3 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Row {
  readonly size: number;
  readonly images: number;
  readonly held_out_nats: number;
  readonly test_auroc: number | null;
}

describe('learning-curve', () => {
  it('shows on held-out good photos that 24 say more than 4, without opening a test image', async () => {
    const blind = join(folder, 'blind');
    await cp(data, blind, { recursive: true });
    for (const part of ['test', 'ground_truth']) {
      for (const entry of await readdir(join(blind, part), { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) await writeFile(join(entry.parentPath ?? entry.path, entry.name), 'no picture');
      }
    }
    const result = await csflowJson(['learning-curve', blind, ...settings], inFolder());
    expect(result).toMatchObject({ held_out_images: 9, held_out_parts: 9, skipped: 0 });
    const rows = result.sizes as Row[];
    expect(rows.map(({ size, images, test_auroc }) => [size, images, test_auroc])).toEqual([
      [4, 4, null],
      [24, 24, null],
    ]);
    expect(rows[1].held_out_nats).toBeLessThan(rows[0].held_out_nats);
    expect(result.gain).toBeCloseTo(rows[0].held_out_nats - rows[1].held_out_nats, 10);
    expect(result.points).toHaveLength(4);

    const seen = await csflowJson(['learning-curve', data, ...settings, '--with-defects'], inFolder());
    const withTest = seen.sizes as Row[];
    expect(withTest.map(({ held_out_nats }) => held_out_nats)).toEqual(
      rows.map(({ held_out_nats }) => held_out_nats),
    );
    for (const { test_auroc } of withTest) {
      expect(test_auroc).toBeGreaterThanOrEqual(0);
      expect(test_auroc).toBeLessThanOrEqual(1);
    }
  });

  it('takes no more than it is told it may', async () => {
    const { code, stderr } = await csflow(
      ['learning-curve', data, ...settings, '--memory', '0.1'],
      inFolder(),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/memory: expected at most 0\.10 GB .*this learning curve takes about 0\.\d+ GB/);
  });

  it('answers in words, marks what the test images say, and shows the time left', async () => {
    const args = ['learning-curve', data, ...settings, '--with-defects'];
    const { stdout, stderr, code } = await csflow(args, inFolder());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^photos +parts +held-out nats +held-out score +test AUROC\*\n4 +4 +-?\d/);
    expect(stdout).toContain('for information, nothing is chosen by it');
    expect(stdout).toMatch(
      /From 4 to 24 photos the held-out good ones fell by .* nats, 95 % interval .* over 2 seeds\./,
    );
    expect(stderr).toMatch(/fitting .* s left/);
  });

  it('ends at Ctrl-C without a trace', async () => {
    const child = startCsflow(
      ['learning-curve', data, '--preset', 'tiny', '--epochs', '5000', '--sizes', '4,8'],
      inFolder(),
    );
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      if (!log.includes('fitting ') && (log + text).includes('fitting ')) child.kill('SIGINT');
      log += text;
    });
    const [code] = (await once(child, 'close')) as [number];
    expect([code, log]).toEqual([
      1,
      expect.stringContaining('interrupted; the features computed so far are cached'),
    ]);
  });

  it('leaves out a size that takes the same photos, and counts those that are taken', async () => {
    // Parts of six pictures each: 000 to 005 are p0, and so on.
    const parts = join(folder, 'parts');
    await mkdir(parts);
    const source = join(data, 'train', 'good');
    for (const [i, file] of (await readdir(source)).sort().entries())
      await cp(join(source, file), join(parts, `p${Math.floor(i / 6)}_${file}`));
    const args = [
      'learning-curve',
      parts,
      '--group',
      '^p\\d+',
      '--preset',
      'tiny',
      '--seeds',
      '2',
      '--epochs',
      '1',
    ];
    const { stdout, stderr, code } = await csflow([...args, '--sizes', '5,7,8,9'], inFolder());
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(stdout).toMatch(/From 6 to 12 photos the held-out good ones fell by/);
    expect(stdout).toContain('left out    size 8: it takes the photos of 7, since whole parts are taken');
    expect(stdout).toContain('left out    size 9: it takes the photos of 7');
    expect(stdout).toContain('the interval cover the draws only');
    const same = await csflow([...args, '--sizes', '7,8'], inFolder());
    expect([same.code, same.stderr]).toEqual([
      1,
      expect.stringMatching(
        /sizes: expected two that give different photos, got 7,8, which all give the same 12/,
      ),
    ]);
  });

  it('says where all held-out photos are copies of those learned from', async () => {
    const copies = join(folder, 'copies');
    await mkdir(copies);
    const [first] = (await readdir(join(data, 'train', 'good'))).sort();
    for (let i = 0; i < 9; i++) await cp(join(data, 'train', 'good', first), join(copies, `${i}.png`));
    const args = ['learning-curve', copies, '--preset', 'tiny', '--sizes', '2,4', '--seeds', '1'];
    const { stderr, code } = await csflow(args, inFolder());
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/got \d held out that are all copies of others, such as/),
    ]);
  });

  it('is made for a model of tiles and a region too', async () => {
    const args = [
      'learning-curve',
      data,
      '--preset',
      'tiny',
      '--hidden',
      '8',
      '--sizes',
      '2,8',
      '--seeds',
      '1',
    ];
    const schedule = ['--epochs', '4', '--batch', '4', '--learning-rate', '0.001', '--with-defects'];
    const rowsFor = async (view: readonly string[]) =>
      (await csflowJson([...args, ...schedule, ...view], inFolder())).sizes as Row[];
    const whole = await rowsFor(['--size', '128']);
    const tiles = await rowsFor([
      '--tile',
      '64x64',
      '--overlap',
      '0',
      '--size',
      '128',
      '--tile-score',
      'mean',
    ]);
    const region = await rowsFor(['--size', '128', '--roi', '0,0 0.5,0 0.5,1 0,1']);
    const both = await rowsFor(['--tile', '64x64', '--size', '128', '--roi', '0,0 0.4,0 0.4,1 0,1']);
    for (const rows of [whole, tiles, region, both]) {
      expect(rows.map(({ images }) => images)).toEqual([2, 8]);
      expect(rows[1].held_out_nats).toBeLessThan(rows[0].held_out_nats);
      expect(rows[1].test_auroc).toBeGreaterThanOrEqual(0);
    }
    expect(new Set([whole, tiles, region, both].map((rows) => rows[1].held_out_nats)).size).toBe(4);
    const refused = await csflow([...args, '--overlap', '0.5'], inFolder());
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('expected together with tile'),
    ]);
  });

  it.each([
    [['--sizes', '10'], 2, /sizes: expected at least two, got 10/],
    [['--sizes', '10,1000'], 2, /sizes: expected at most 27, .* got 1000/],
    [['--sizes', '10,x'], 2, /expected a whole number from 1, got x/],
  ])('refuses %j', async (args, expected, message) => {
    const { code, stderr } = await csflow(['learning-curve', data, '--preset', 'tiny', ...args], inFolder());
    expect([code, stderr]).toEqual([expected, expect.stringMatching(message)]);
  });
});

describe('the answer', () => {
  it.each([
    [{ mean: 0.02, low: 0.01, high: 0.03 }, 'yes'],
    [{ mean: 0.001, low: 0.0005, high: 0.0015 }, 'no'],
    [{ mean: -0.01, low: -0.02, high: -0.001 }, 'no'],
    [{ mean: 0.02, low: -0.01, high: 0.05 }, 'unclear'],
    [{ mean: 0.02, low: -Infinity, high: Infinity }, 'unclear'],
  ])('%j: %s', (gain, answer) => expect(answerOf({ gain })).toBe(answer));
});
