import { once } from 'node:events';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, startCsflow, temporaryFolder } from './command.js';

const tiny = ['bench', '--shape', '8,4x4,8,2', '--repeats', '1'];

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Figures {
  readonly csflow_s: number;
  readonly peer_s?: number;
  readonly peer_mode?: string;
  readonly ratio_of_medians?: number;
  readonly median_of_paired_ratios?: number;
  readonly peer_bf16_s?: number | null;
}
interface Row {
  readonly parameters: number;
  readonly repeats: number;
  readonly training_step: Figures;
  readonly inference_batch_1: Figures;
  readonly inference_batch: Figures;
  readonly memory: Readonly<
    Record<'training' | 'inference', Readonly<Record<'csflow' | 'peer', Readonly<Record<string, number>>>>>
  >;
  readonly peer_modes_left_out: readonly { readonly mode: string; readonly reason: string }[];
}
const rowsOf = (report: Record<string, unknown>): readonly Row[] => report.rows as Row[];

/** A program in the place of Python that prints what the peer prints, and keeps a log of how it was called. */
async function fakePeer(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  const script = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const option = (name) => process.argv[process.argv.indexOf('--' + name) + 1];
const mode = option('mode');
const inferenceOnly = process.argv.includes('--inference-only');
const trainingOnly = process.argv.includes('--training-only');
appendFileSync(${JSON.stringify(`${path}.log`)}, mode + (inferenceOnly ? ' inference' : trainingOnly ? ' training' : ' both') + '\\n');
const fail = (message) => { console.error('Traceback\\n' + message); process.exit(1); };
const time = (median) => ({ min: median, median });
${body}
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

describe('bench', () => {
  it('measures csflow alone where no peer is named', async () => {
    const report = await csflowJson(tiny);
    expect(Object.keys(report)).toEqual(['machine', 'versions', 'threads', 'device', 'rows']);
    expect(Object.keys(report.machine as object)).toEqual(['cpu', 'cores', 'memory_bytes', 'os']);
    expect(report.versions).toMatchObject({ node: process.versions.node, peer: null });
    const [row] = rowsOf(report);
    expect(row).toMatchObject({ channels: 8, map: [4, 4], hidden: 8, batch: 2, repeats: 1 });
    for (const figures of [row.training_step, row.inference_batch_1, row.inference_batch]) {
      expect(Object.keys(figures)).toEqual(['csflow_s']);
      expect(figures.csflow_s).toBeGreaterThan(0);
    }
    const { peak_bytes, less_16_bytes_a_parameter } = row.memory.training.csflow;
    expect(peak_bytes - less_16_bytes_a_parameter).toBe(16 * row.parameters);
  });

  it('prints a table, with progress and time left on stderr', async () => {
    const { code, stdout, stderr } = await csflow(tiny);
    expect(code).toBe(0);
    expect(stdout).toMatch(/C 8, map 4×4, hidden 8, batch 2; .* parameters, 1 turn\n/);
    expect(stdout).toMatch(/training step +[\d.]+ ms/);
    expect(stderr).toMatch(/measuring .* left/);
  });

  it.each([
    [['--shape', '8,4,8,2'], /expected C,HxW,hidden,batch such as 192,12x12,64,16, got 8,4,8,2/],
    [['--shape', '8,6x4,8,2'], /mapSize: expected two multiples of 4/],
    [['--shape', '8,4x4,8,2', '--rows', 'all'], /--shape.*cannot be used with.*--rows/],
    [['--rows', 'some'], /Allowed choices are quick, all/],
    [
      ['--peer', 'python3', '--peer-modes', 'eager,fast'],
      /expected some of eager,channels_last,compile,bf16, got "fast"/,
    ],
    [['--peer', 'python3', '--peer-modes', 'bf16'], /peer-modes: expected one of eager, .* got bf16/],
    [['--peer-modes', 'eager'], /peer-modes: expected together with --peer/],
  ])('refuses %j as wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await csflow(['bench', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});

describe.skipIf(process.platform === 'win32')('bench beside a peer', () => {
  it("takes the peer's best mode for each quantity and gives the ratio of the times", async () => {
    const peer = await fakePeer(
      'peer',
      `if (mode === 'compile') fail('RuntimeError: no C++ compiler');
const training = { eager: 4, channels_last: 2, bf16: 1 }[mode];
const batch1 = { eager: 0.25, channels_last: 0.5, bf16: 0.125 }[mode];
const batch = { eager: 0.75, channels_last: 0.5, bf16: 0.25 }[mode];
console.log('a line of some library');
console.log(JSON.stringify({
  peer: 'torch 0.0', mode, parameters: 100, ...(inferenceOnly ? {} : { train_step_s: time(training) }),
  ...(trainingOnly ? {} : { infer_batch1_s: time(batch1), infer_batch_s: time(batch) }),
  peak_rss_bytes: inferenceOnly ? 4000 : trainingOnly ? 8000 : 9000,
}));`,
    );
    const report = await csflowJson([...tiny, '--repeats', '2', '--peer', peer]);
    expect(report.versions).toMatchObject({ peer: 'torch 0.0' });
    const [row] = rowsOf(report);
    const expected = [
      [row.training_step, 2, 'channels_last', 1],
      [row.inference_batch_1, 0.25, 'eager', 0.125],
      [row.inference_batch, 0.5, 'channels_last', 0.25],
    ] as const;
    for (const [figures, seconds, mode, bf16] of expected) {
      expect(figures).toMatchObject({ peer_s: seconds, peer_mode: mode, peer_bf16_s: bf16 });
      // Of two turns the median is the mean; the mean of quotients is at least the quotient of means.
      expect(figures.ratio_of_medians).toBe(seconds / figures.csflow_s);
      expect(figures.median_of_paired_ratios).toBeGreaterThanOrEqual(figures.ratio_of_medians! * (1 - 1e-12));
    }
    expect(row.memory.training.peer).toEqual({ peak_bytes: 8000, less_16_bytes_a_parameter: 6400 });
    expect(row.memory.inference.peer).toEqual({ peak_bytes: 4000 });
    expect(row.peer_modes_left_out).toEqual([
      { mode: 'compile', reason: 'ended with code 1: RuntimeError: no C++ compiler' },
    ]);
    const turn = ['channels_last training', 'eager inference', 'channels_last inference'];
    const looks = ['eager', 'channels_last', 'compile', 'bf16'].map((mode) => `${mode} both`);
    expect((await readFile(`${peer}.log`, 'utf8')).trim().split('\n')).toEqual([...looks, ...turn, ...turn]);
  });

  it('looks at no other modes than those asked for', async () => {
    const peer = await fakePeer(
      'short',
      `console.log(JSON.stringify({
  parameters: 100, ...(inferenceOnly ? {} : { train_step_s: time(1) }),
  ...(trainingOnly ? {} : { infer_batch1_s: time(1), infer_batch_s: time(1) }), peak_rss_bytes: 4000,
}));`,
    );
    const report = await csflowJson([...tiny, '--peer', peer, '--peer-modes', 'channels_last, eager']);
    const [row] = rowsOf(report);
    expect(row.peer_modes_left_out).toEqual([]);
    expect(row.training_step.peer_bf16_s).toBeNull();
    const modes = (await readFile(`${peer}.log`, 'utf8')).trim().split('\n');
    expect(modes.slice(0, 2)).toEqual(['channels_last both', 'eager both']);
    expect(modes.join()).not.toMatch(/compile|bf16/);
  });

  it('says what a peer lacks that does not work at all', async () => {
    const peer = await fakePeer('broken', `fail("ModuleNotFoundError: No module named 'torch'");`);
    const { code, stdout, stderr } = await csflow([...tiny, '--peer', peer]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /--peer .*broken: expected a Python with torch and numpy, .*No module named 'torch'.*pip install torch numpy/,
    );
  });

  it('names a peer that is not there', async () => {
    const { code, stderr } = await csflow([...tiny, '--peer', join(folder, 'none')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/none: expected a program that can be started/);
  });

  it('says so where the peer prints something else', async () => {
    const peer = await fakePeer('chatty', `console.log('hello');`);
    const { code, stderr } = await csflow([...tiny, '--peer', peer]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/expected a line of JSON .* got "hello"/);
  });

  it('ends the peer when it is interrupted', async () => {
    const peer = await fakePeer(
      'endless',
      `appendFileSync(${JSON.stringify(join(folder, 'pid'))}, String(process.pid));
console.error('started'); setInterval(() => {}, 1000);`,
    );
    const child = startCsflow([...tiny, '--peer', peer]);
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (log += text));
    const closed = once(child, 'close');
    let pid = '';
    while (pid === '') {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pid = await readFile(join(folder, 'pid'), 'utf8').catch(() => '');
    }
    child.kill('SIGINT');
    expect(await closed).toEqual([1, null]);
    expect(log).toMatch(/interrupted; the processes that measured are ended/);
    expect(() => process.kill(Number(pid), 0)).toThrow();
  });
});
