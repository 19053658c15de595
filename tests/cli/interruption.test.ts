import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrainedFlow } from '#csflow/inspector/read-flow.js';
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

/** Stops a training at its first steps; gives what it said. */
async function interrupted(args: readonly string[], options: { readonly cache: string }): Promise<string> {
  const child = startCsflow(args, options);
  let log = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    // The first line about steps: the training is under way.
    if (!log.includes('training ') && (log + text).includes('training ')) child.kill('SIGINT');
    log += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  return log;
}

describe('a training that is interrupted', () => {
  it('keeps a checkpoint, and resumed ends with the scores of one that was not', async () => {
    const options = { cache: join(folder, 'cache') };
    const whole = join(folder, 'whole.onnx');
    const parts = join(folder, 'parts.onnx');
    await csflowJson(trainArgs(whole), options);

    expect(await interrupted(trainArgs(parts), options)).toMatch(
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

  it('is resumed with --from just so', async () => {
    const options = { cache: join(folder, 'cache') };
    const first = join(folder, 'first.onnx');
    const early = join(folder, 'early');
    const source = join(folder, 'data', 'train', 'good');
    await mkdir(early);
    for (const file of (await readdir(source)).sort().slice(0, 9)) {
      await cp(join(source, file), join(early, file));
    }
    await csflowJson(['train', early, '--out', first, '--preset', 'tiny', '--epochs', '2'], options);
    const args = (out: string) => [...trainArgs(out).slice(0, 4), '--from', first, '--epochs', '80'];
    const [whole, parts] = [join(folder, 'from-whole.onnx'), join(folder, 'from-parts.onnx')];
    await csflowJson(args(whole), options);
    expect(await interrupted(args(parts), options)).toContain('parts.onnx.checkpoint: run the same command');
    expect(existsSync(`${parts}.checkpoint`)).toBe(true);

    const anew = await csflow([...trainArgs(parts), '--resume'], options);
    expect([anew.code, anew.stderr]).toEqual([1, expect.stringContaining('other data or settings')]);
    await csflowJson([...args(parts), '--resume'], options);
    const [a, b] = await Promise.all(
      [whole, parts].map(async (path) => readTrainedFlow(await readFile(path), path)),
    );
    for (const [name, values] of a.parameters) expect(b.parameters.get(name), name).toEqual(values);
  });

  it('with folds is not taken for one without', async () => {
    const out = join(folder, 'folds.onnx');
    await writeFile(`${out}.checkpoint.folds`, '{}');
    const options = { cache: join(folder, 'cache') };
    const refused = await csflow([...trainArgs(out), '--resume'], options);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/checkpoint\.folds: expected none .*add --calibrate cross to go on with it/),
    ]);
    // Of a training that starts anew they are not kept for a later --resume.
    await interrupted(trainArgs(out), options);
    expect(existsSync(`${out}.checkpoint.folds`)).toBe(false);
    await csflowJson([...trainArgs(out), '--resume'], options);
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
