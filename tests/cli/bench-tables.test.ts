import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, folderWithSampleData } from './command.js';

/** The tables of `csflow bench` beside its rows, in sizes as small as they get; no time is asserted. */
let folder: string;
let data: string;
let model: string;
beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 10, test: 2, defects: 1 }));
  model = join(folder, 'parts.onnx');
  const settings = [
    '--preset',
    'tiny',
    '--size',
    '128x128',
    '--hidden',
    '2',
    '--blocks',
    '1',
    '--epochs',
    '1',
  ];
  await csflowJson(['train', data, '--out', model, ...settings], { cache: join(folder, 'cache') });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const once = ['bench', '--rows', 'none', '--repeats', '1'];
const pictures = () => [...once, '--data', data, '--images', '8'];

interface Rate {
  readonly images_per_second: number;
  readonly [figure: string]: unknown;
}
interface PicturesTable {
  readonly images: number;
  readonly csflow: Rate;
  readonly peer?: Rate;
  readonly command?: Readonly<Record<string, number>>;
}

const rateFigures = ['images_per_second', 'busy_share', 'cpu_s_an_image'];

/** A program in the place of Python that answers as the peers do; `missing` are modules that it lacks. */
async function fakePython(name: string, missing: readonly string[], torch: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(
    path,
    `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const [script] = process.argv.slice(2);
const option = (name) => process.argv[process.argv.indexOf('--' + name) + 1];
const fail = (message) => { console.error('Traceback\\n' + message); process.exit(1); };
if (script === '-c') {
  const wanted = process.argv.slice(4);
  console.log(wanted.filter((module) => ${JSON.stringify(missing)}.includes(module)).join(' '));
  process.exit(0);
}
appendFileSync(${JSON.stringify(`${path}.log`)}, script.split('/').at(-1) + '\\n');
const rate = (images_per_second) => ({ images_per_second, cpu_per_second: 1 });
if (script.endsWith('features_torch.py')) {
  const [mode, batch, workers] = [option('mode'), Number(option('batch')), Number(option('workers'))];
  ${torch}
} else {
  const sizes = JSON.parse(readFileSync(process.argv[4] + '.json', 'utf8'));
  const scores = sizes.map(() => 1);
  const speed = option('hint') === 'latency' ? 200 : 100;
  console.log(JSON.stringify({ ...rate(speed), compile_seconds: 0.5, scores, peer: 'openvino 0.0' }));
}
`,
  );
  await chmod(path, 0o755);
  return path;
}

describe('bench --data --model', () => {
  it('measures csflow alone where no peer is named', async () => {
    const report = await csflowJson([...pictures(), '--model', model]);
    expect(report.rows).toEqual([]);
    const [features, predict] = [report.features, report.predict] as readonly PicturesTable[];
    expect(Object.keys(features)).toEqual(['images', 'repeats', 'csflow']);
    expect(Object.keys(features.csflow)).toEqual(rateFigures);
    expect(Object.keys(predict)).toEqual(['images', 'repeats', 'csflow', 'command']);
    expect(Object.keys(predict.csflow)).toEqual([...rateFigures, 'load_s']);
    expect(Object.keys(predict.command!)).toEqual([
      'images_per_second',
      's_to_first_verdict',
      's_of_one_picture',
    ]);
    for (const table of [features, predict]) {
      expect(table.images).toBe(8);
      expect(table.csflow.images_per_second).toBeGreaterThan(0);
    }
    expect(predict.command!.s_to_first_verdict).toBeGreaterThan(0);
  });

  it('prints both tables, with progress and time left on stderr', async () => {
    const { code, stdout, stderr } = await csflow([...pictures(), '--model', model]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/From picture files to features .*, 8 pictures, medians of 1 turn\n +csflow\n/);
    expect(stdout).toMatch(/The model file from decoded pixels to scores, 8 pictures/);
    expect(stdout).toMatch(/loading the model +[\d.]+ s\n/);
    expect(stdout).toMatch(/csflow predict on the files, .* images\/s, [\d.]+ s to the first verdict/);
    expect(stdout).not.toMatch(/training step|ratio/);
    expect(stderr).toMatch(/measuring .* left/);
  });

  it.each([
    [['--model', 'parts.onnx'], /model: expected together with --data/],
    [['--images', '8'], /images: expected together with --data/],
    [['--rows', 'none'], /rows: expected --data or --growth beside --rows none/],
    [['--rows', 'none', '--growth', '--peer', 'python'], /peer: expected rows or --data to compare/],
    [['--growth', '8,4x8,8,1'], /growth: expected a square map, got 4×8/],
    [['--growth', '8,4'], /expected C,HxW,hidden,batch such as .* got 8,4/],
    [['--rows', 'none', '--data', 'none', '--images', '0'], /expected a whole number from 1, got 0/],
  ])('refuses %j as wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await csflow(['bench', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('names a data set, a model file and pictures that are not there', async () => {
    const none = join(folder, 'none');
    const cases = [
      [['--data', none], /none/],
      [['--data', data, '--model', none], /none: expected a model file made by csflow train/],
      [
        ['--data', data, '--images', '7'],
        /data: expected at least 8 pictures to measure with, got --images 7/,
      ],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await csflow([...once, ...args]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(message);
    }
  });
});

describe('bench --growth', () => {
  it('fits the law and tells the exponents', async () => {
    const { growth } = (await csflowJson([...once, '--growth', '8,4x4,8,1'])) as {
      growth: Readonly<Record<string, Readonly<Record<string, unknown>>>> & { points: readonly unknown[] };
    };
    expect(Object.keys(growth)).toEqual(['base', 'repeats', 'points', 'corners', 'law', 'exponents']);
    expect(growth.base).toEqual({ channels: 8, side: 4, hidden: 8, batch: 1 });
    expect(growth.points).toHaveLength(9);
    expect(Object.keys(growth.exponents)).toEqual(['batch', 'area', 'hidden']);
  });
});

describe.skipIf(process.platform === 'win32')('bench --data --model beside a peer', () => {
  it('takes the best settings of a first look and tells what was left out', async () => {
    const python = await fakePython(
      'python',
      [],
      `if (mode === 'compile') fail('RuntimeError: no C++ compiler');
  const speed = (mode === 'eager' ? 2 : 1) * (batch === 1 ? 2 : 1) * (workers === 2 ? 2 : 1);
  console.log(JSON.stringify({ ...rate(speed), moments: [0, 0, 0, 1, 1, 1], peer: 'torch 0.0' }));`,
    );
    const report = await csflowJson([...pictures(), '--model', model, '--peer', python]);
    const [features, predict] = [report.features, report.predict] as readonly PicturesTable[];
    expect(features.peer).toMatchObject({
      version: 'torch 0.0',
      mode: 'eager',
      batch: 1,
      workers: 2,
      images_per_second: 8,
      median_of_paired_ratios: features.csflow.images_per_second / 8,
      left_out: [{ mode: 'compile', reason: expect.stringMatching('RuntimeError: no C') as string }],
    });
    expect(predict.peer).toMatchObject({
      version: 'openvino 0.0',
      hint: 'latency',
      load_s: 0.5,
      median_of_paired_ratios: predict.csflow.images_per_second / 200,
    });
    expect(predict.peer!.largest_relative_difference_of_scores).toBeGreaterThan(0);
    const log = await readFile(`${python}.log`, 'utf8');
    // Eager, channels_last, compile; batch 1 beside 4; no worker and two beside one; then the turn.
    expect(log.match(/features_torch/g)).toHaveLength(7);
    expect(log.match(/predict_openvino/g)).toHaveLength(3);
  });

  it('says before it measures which modules are missing and how to install them', async () => {
    const python = await fakePython('bare', ['PIL', 'openvino'], '');
    const wanted = [...pictures(), '--peer', python];
    const features = await csflow(wanted);
    expect([features.code, features.stdout]).toEqual([1, '']);
    expect(features.stderr).toMatch(
      /--peer .*bare: expected a Python with torch, numpy, pillow; pillow is missing there. Install: .*bare -m pip install pillow/,
    );
    const both = await csflow([...wanted, '--model', model]);
    expect(both.stderr).toMatch(
      /pillow, openvino are missing there. Install: .* pip install pillow openvino/,
    );
    await expect(readFile(`${python}.log`)).rejects.toThrow();
  });

  it('says so where no way of PyTorch works', async () => {
    const python = await fakePython('broken', [], `fail('ImportError: broken torch');`);
    const { code, stderr } = await csflow([...pictures(), '--peer', python]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /no mode of bench\/features_torch.py works there \(eager: .*broken torch; .*pip install/,
    );
  });

  it('names a peer that is not there', async () => {
    const { code, stderr } = await csflow([...pictures(), '--peer', join(folder, 'none')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/none: expected a program that can be started/);
  });
});
