import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, startCsflow, temporaryFolder } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await csflowJson([
    'sample-data',
    join(folder, 'data'),
    '--size',
    '128',
    '--train',
    '30',
    '--test',
    '2',
    '--defects',
    '1',
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const trainArgs = (out: string) => [
  'train',
  join(folder, 'data'),
  '--out',
  out,
  '--preset',
  'tiny',
  '--epochs',
  '150',
];

describe('a training that is interrupted', () => {
  it('keeps a checkpoint, and resumed ends with the scores of one that was not', async () => {
    const options = { cache: join(folder, 'cache') };
    const whole = join(folder, 'whole.onnx');
    const parts = join(folder, 'parts.onnx');
    await csflowJson(trainArgs(whole), options);

    const child = startCsflow(trainArgs(parts), options);
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      // The first line about steps: the training is under way.
      if (!log.includes('training ') && (log + text).includes('training ')) child.kill('SIGINT');
      log += text;
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(log).toMatch(
      /interrupted; the checkpoint is .*parts\.onnx\.checkpoint: run the same command with --resume/,
    );
    expect(existsSync(`${parts}.checkpoint`)).toBe(true);
    expect(existsSync(parts)).toBe(false);

    const refused = await csflow([...trainArgs(parts), '--resume', '--seed', '9'], options);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('other data or settings')]);

    await csflowJson([...trainArgs(parts), '--resume'], options);
    expect(existsSync(`${parts}.checkpoint`)).toBe(false);
    const image = join(folder, 'data', 'test', 'good', '000.png');
    const [a, b] = await Promise.all([whole, parts].map((model) => csflowJson(['predict', model, image])));
    expect(b.score).toBe(a.score);
  });

  it('cannot be resumed where there is no checkpoint', async () => {
    const args = [...trainArgs(join(folder, 'none.onnx')), '--resume'];
    const { code, stderr } = await csflow(args, { cache: join(folder, 'cache') });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('expected a checkpoint to resume from, found none'),
    ]);
  });
});
