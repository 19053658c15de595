import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '#csflow/version.js';
import { csflow, temporaryFolder } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const commands = [
  'data',
  'train',
  'evaluate',
  'predict',
  'explain',
  'threshold',
  'learning-curve',
  'info',
  'sample-data',
  'bench',
  'cache',
];

describe('help', () => {
  it.each(commands)('%s --help has an example', async (command) => {
    const { code, stdout } = await csflow([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n  csflow ${command}`));
  });

  it('lists every command', async () => {
    const { stdout } = await csflow(['--help']);
    for (const command of commands) expect(stdout).toContain(`  ${command} `);
  });

  it('tells the version of package.json', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(version).toBe(manifest.version);
    expect((await csflow(['--version'])).stdout.trim()).toBe(version);
  });
});

describe('wrong usage ends with code 2 and says what was expected', () => {
  it.each([
    [['trian'], /unknown command 'trian', expected data, train, evaluate, predict/],
    [['train', '-o', 'y'], /missing required argument 'data'/],
    [['train', 'x'], /required option '-o, --out <file>' not specified/],
    [['train', 'x', '-o', 'y', '--size', '384by384'], /expected HEIGHTxWIDTH such as 384x384, got 384by384/],
    [['train', 'x', '-o', 'y', '--epochs', '0'], /expected a whole number from 1, got 0/],
    [['train', 'x', '-o', 'y', '--seed', '-1'], /expected a whole number from 0, got -1/],
    [['train', 'x', '-o', 'y', '--preset', 'huge'], /Allowed choices are tiny, small/],
    [['train', 'x', '-o', 'y', '--false-reject', '2'], /expected a share between 0 and 1/],
    [['train', 'x', '-o', 'y', '--device', 'tpu'], /Allowed choices are cpu, webgpu, cuda, auto/],
    [['predict', 'm.onnx'], /images: expected image files or --watch DIR, got neither/],
    [['predict', 'm.onnx', 'a.jpg', '--csv', 'b.csv'], /csv: expected together with --watch DIR/],
    [['predict', 'm.onnx', 'a.jpg', '--watch', '.'], /expected either image files or --watch, got both/],
    [['predict', 'm.onnx', '--watch', '.', '--wait', '0'], /expected a number above 0, got 0/],
    [['info', 'm.onnx', '--jsn'], /unknown option '--jsn'/],
    [['info'], /model: expected a model file, got none; name one, or ask for --plan of a size/],
    [['info', 'm.onnx', '--batch', '4'], /batch: expected together with --plan/],
    [['info', 'm.onnx', '--plan', '--size', '384'], /expected either a model file or --preset, .* got both/],
    [['info', '--plan', '--size', '0x384'], /size: expected whole numbers from 1 .* got 0x384/],
    [
      ['train', '.', '-o', join(tmpdir(), 'm.onnx'), '--tile', '8x384'],
      /tile: expected sides from 32 pixels, got 8x384/,
    ],
    [
      ['train', '.', '-o', join(tmpdir(), 'm.onnx'), '--layer', '3'],
      /layer: expected a block of efficientnet-lite0/,
    ],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await csflow(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('--group where it says nothing is wrong usage', () => {
  it('with a random split, whatever the folder holds', async () => {
    const { code, stderr } = await csflow(['data', folder, '--group', 'p\\d', '--split', 'random']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /group: expected no pattern with --split random, .*leave --group or --split random/,
    );
  });

  it('where the data set names the parts', async () => {
    const parts = join(folder, 'parts');
    await mkdir(join(parts, 'kos01'), { recursive: true });
    for (const name of ['Part0.jpg', 'Part0_label.bmp']) await writeFile(join(parts, 'kos01', name), '');
    const { code, stderr } = await csflow(['train', parts, '-o', join(folder, 'm.onnx'), '--group', 'kos']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/group: expected no pattern, for KolektorSDD .*leave --group out/);
  });
});

describe('what a user gave and cannot be used ends with code 1, the name and no stack trace', () => {
  const failing = async (args: readonly string[], message: RegExp): Promise<void> => {
    const { code, stderr, stdout } = await csflow(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  };
  const out = () => ['-o', join(folder, 'm.onnx'), '--preset', 'tiny'];

  it('a folder that is not there', () => failing(['train', join(folder, 'nothing'), ...out()], /nothing/));

  it('a folder without images', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await failing(['train', empty, ...out()], /empty.*/);
  });

  it('one image', async () => {
    const one = join(folder, 'one');
    await mkdir(one);
    await sharp({ create: { width: 32, height: 32, channels: 3, background: 'grey' } })
      .png()
      .toFile(join(one, 'a.png'));
    await failing(['train', one, ...out()], /at least 2 good images.*got 1/);
  });

  it('images none of which can be read', async () => {
    const broken = join(folder, 'broken');
    await mkdir(broken);
    for (const name of ['a.png', 'b.png', 'c.png']) await writeFile(join(broken, name), `no picture ${name}`);
    await failing(['train', broken, ...out()], /expected readable good images .*\(3 could not be read/);
  });

  it('an output that is a folder, before any work is done', () =>
    failing(['train', folder, '-o', folder], /expected the name of a file to write, got a folder/));

  it('an output below a file', async () => {
    const file = join(folder, 'file.txt');
    await writeFile(file, '');
    await failing(['train', folder, '-o', join(file, 'm.onnx')], /m\.onnx.*cannot be written/);
  });

  it('a model that is not there', () =>
    failing(['evaluate', join(folder, 'no.onnx'), folder], /no\.onnx: expected a model file/));
});
