import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrainedFlow } from '#csflow/inspector/read-flow.js';
import { relativeDifference } from '../csflow/golden-case.js';
import { csflow, csflowJson, temporaryFolder } from './command.js';

/** A first model of some photos, and one that goes on from it when more have come. */
let folder: string;
let first: string;
let second: string;
let firstInfo: Info;
let trained: Record<string, unknown>;
let secondInfo: Info;
const options = () => ({ cache: join(folder, 'cache') });

interface Info {
  readonly configuration: object;
  readonly training: { readonly epochs: number };
  readonly data: { readonly trainingImages: string[]; readonly calibrationImages: string[] };
  readonly from?: {
    readonly models: string[];
    readonly calibrationImages: string[];
    readonly newImages: number;
  };
}
const infoOf = async (model: string) => (await csflowJson(['info', model])) as unknown as Info;

/** A folder of photos: so many of a drawn set's good ones. */
async function photos(name: string, drawn: string, from: number, to: number): Promise<string> {
  const directory = join(folder, name);
  await mkdir(directory, { recursive: true });
  const source = join(folder, drawn, 'train', 'good');
  for (const file of (await readdir(source)).sort().slice(from, to))
    await cp(join(source, file), join(directory, `${drawn}-${file}`));
  return directory;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  first = join(folder, 'first.onnx');
  second = join(folder, 'second.onnx');
  await csflowJson([
    'sample-data',
    join(folder, 'a'),
    '--size',
    '128',
    '--train',
    '36',
    '--test',
    '4',
    '--defects',
    '2',
  ]);
  const early = await photos('early', 'a', 0, 20);
  const args = ['--preset', 'tiny', '--hidden', '8', '--batch', '4', '--epochs', '12', '--seed', '2'];
  await csflowJson(['train', early, '--out', first, ...args], options());
  await photos('all', 'a', 0, 36);
  trained = await csflowJson(
    ['train', join(folder, 'all'), '--from', first, '--out', second, '--seed', '2', '--epochs', '3'],
    options(),
  );
  [firstInfo, secondInfo] = [await infoOf(first), await infoOf(second)];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('train --from', () => {
  it('keeps the shape of the earlier model and says where it came from', () => {
    expect(secondInfo.configuration).toEqual(firstInfo.configuration);
    expect(secondInfo.from?.models).toHaveLength(1);
    expect(trained).toMatchObject({ epochs: 3, from: secondInfo.from?.models[0] });
    expect(Number(trained.new_images)).toBeGreaterThan(0);
    expect(Number(trained.known_images)).toBeGreaterThan(0);
  });

  it('never calibrates on what was learned from, and never learns from what has calibrated', () => {
    const learned = new Set(secondInfo.data.trainingImages);
    for (const digest of firstInfo.data.trainingImages) expect(learned.has(digest)).toBe(true);
    for (const digest of firstInfo.data.calibrationImages) expect(learned.has(digest)).toBe(false);
    for (const digest of secondInfo.data.calibrationImages) expect(learned.has(digest)).toBe(false);
    const held = [...secondInfo.data.calibrationImages, ...(secondInfo.from?.calibrationImages ?? [])];
    for (const digest of firstInfo.data.calibrationImages) expect(held).toContain(digest);
  });

  it('starts where the earlier model stopped', async () => {
    const more = await photos('more', 'a', 20, 36);
    const args = ['train', more, '--epochs', '1', '--learning-rate', '1e-9', '--seed', '5'];
    const on = await csflowJson([...args, '--from', first, '--out', join(folder, 'on.onnx')], options());
    expect(on.known_images).toBe(0);
    const warned = (on.warnings as { code: string; message: string }[]).filter(
      ({ code }) => code === 'continued-training',
    );
    expect(warned[0].message).toContain('no photo that the earlier model has learned from is among these');
    const anew = ['--preset', 'tiny', '--hidden', '8', '--out', join(folder, 'anew.onnx')];
    await csflowJson([...args, ...anew], options());
    const [before, after, other] = await Promise.all(
      [first, join(folder, 'on.onnx'), join(folder, 'anew.onnx')].map(async (path) =>
        readTrainedFlow(await readFile(path), path),
      ),
    );
    for (const [name, values] of before.parameters) {
      expect(relativeDifference(after.parameters.get(name)!, values), name).toBeLessThanOrEqual(1e-5);
      expect(relativeDifference(other.parameters.get(name)!, values), name).toBeGreaterThan(1e-2);
    }
    before.standardisation.scales.forEach(({ mean, deviation }, s) => {
      expect(after.standardisation.scales[s].mean).toEqual(mean);
      expect(relativeDifference(after.standardisation.scales[s].deviation, deviation)).toBeLessThanOrEqual(
        2e-7,
      );
    });
  });

  it('keeps the test photos of the first training, whatever names come between', async () => {
    const mixed = await photos('mixed', 'a', 0, 20);
    const before = await csflowJson(['evaluate', first, mixed], options());
    expect(before).toMatchObject({ good: 4, left_out_seen_in_training: 0 });
    const source = join(folder, 'a', 'train', 'good');
    for (const [i, file] of (await readdir(source)).sort().slice(20, 31).entries())
      await cp(join(source, file), join(mixed, `${i % 2 === 0 ? '0' : 'a-00'}-${file}`));
    const out = join(folder, 'mixed.onnx');
    const args = ['train', mixed, '--from', first, '--out', out, '--epochs', '1'];
    const on = await csflowJson(args, options());
    // All 16 that were learned from or held out are there again; of the 11 new ones 2 are kept apart.
    expect(on.test_images).toBe(4 + 2);
    const count = (value: unknown): number => Number(value);
    expect(count(on.new_images) + count(on.known_images) + count(on.calibration_images)).toBe(16 + 9);
    expect(on.known_images).toBe(trained.known_images);
    for (const model of [first, out]) {
      const figures = await csflowJson(['evaluate', model, mixed], options());
      expect(figures).toMatchObject({ good: 6, left_out_seen_in_training: 0 });
    }
  });

  it('takes on the rate of the earlier threshold, and says where a threshold of another kind is replaced', async () => {
    const [strict, byHand] = [join(folder, 'strict.onnx'), join(folder, 'by-hand.onnx')];
    await csflowJson(['threshold', first, '--false-reject', '0.05', '--out', strict]);
    await csflowJson(['threshold', first, '--value', '0.7', '--out', byHand]);
    const on = async (from: string, ...more: string[]) => {
      const out = join(folder, 'rate.onnx');
      const args = ['train', join(folder, 'all'), '--from', from, '--out', out, '--epochs', '1', ...more];
      const { false_reject_rate, warnings } = await csflowJson(args, options());
      const said = (warnings as { message: string }[]).map(({ message }) => message).join('\n');
      return {
        rate: false_reject_rate,
        replaced: said.includes('the earlier threshold, 0.7, was set by hand'),
      };
    };
    expect(await on(strict)).toEqual({ rate: 0.05, replaced: false });
    expect(await on(strict, '--false-reject', '0.02')).toEqual({ rate: 0.02, replaced: false });
    expect(await on(byHand)).toEqual({ rate: 0.01, replaced: true });
  });

  it('goes on a second time, from all that went before', async () => {
    await csflowJson([
      'sample-data',
      join(folder, 'b'),
      '--size',
      '128',
      '--seed',
      '9',
      '--train',
      '12',
      '--test',
      '1',
    ]);
    const newest = await photos('newest', 'b', 0, 12);
    const third = join(folder, 'third.onnx');
    const args = ['train', newest, '--from', second, '--out', third, '--epochs', '1'];
    await csflowJson(args, options());
    const info = await infoOf(third);
    expect(info.from?.models).toHaveLength(2);
    expect(info.from?.models[0]).toBe(secondInfo.from?.models[0]);
    expect(info.data.trainingImages).toEqual(expect.arrayContaining(secondInfo.data.trainingImages));
    const held = [...secondInfo.data.calibrationImages, ...(secondInfo.from?.calibrationImages ?? [])];
    expect(info.from?.calibrationImages).toEqual(expect.arrayContaining(held));
    const seen = await csflowJson(['evaluate', third, join(folder, 'a')]);
    expect(seen).toMatchObject({ good: 4, left_out_seen_in_training: 0 });
  });

  it('says what it went on from to people', async () => {
    const { stdout } = await csflow(['info', second]);
    expect(stdout).toMatch(/went on from the model file of SHA-256 [0-9a-f]{64}, with \d+ new images/);
  });

  it.each([
    [['--size', '256'], 2, /size: expected 128x128, as .*first\.onnx has, got 256x256; leave it out/],
    [['--hidden', '16'], 2, /hidden: expected 8, as .*first\.onnx has, got 16/],
    [['--preset', 'small'], 2, /preset: expected tiny, as .*first\.onnx has, got small/],
    [['--no-gamma'], 2, /gamma: expected true, as .*first\.onnx has, got false/],
    [['--calibrate', 'cross'], 2, /calibrate: expected split together with --from, got cross/],
  ])('refuses %j', async (flags, exitCode, message) => {
    const args = ['train', join(folder, 'all'), '--from', first, '--out', join(folder, 'no.onnx'), ...flags];
    const { code, stderr } = await csflow(args, options());
    expect([code, stderr]).toEqual([exitCode, expect.stringMatching(message)]);
  });

  it('refuses a file that is no model, and photos that are all known', async () => {
    const photo = join(folder, 'a', 'test', 'good', '000.png');
    const wrong = await csflow([
      'train',
      join(folder, 'all'),
      '--from',
      photo,
      '--out',
      join(folder, 'no.onnx'),
    ]);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('expected an ONNX model')]);
    const none = await csflow([
      'train',
      join(folder, 'all'),
      '--from',
      'none.onnx',
      '--out',
      join(folder, 'no.onnx'),
    ]);
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('from: expected a model file')]);
    const known = ['train', join(folder, 'all'), '--from', second, '--out', join(folder, 'no.onnx')];
    const { code, stderr } = await csflow(known, options());
    expect([code, stderr]).toEqual([1, expect.stringContaining('that the earlier model has not seen')]);
  });

  it('is forecast by --dry-run', async () => {
    const args = [
      'train',
      join(folder, 'all'),
      '--from',
      first,
      '--out',
      join(folder, 'no.onnx'),
      '--dry-run',
    ];
    const forecast = await csflowJson(args, options());
    expect(forecast.training_images).toBe(Number(trained.new_images) + Number(trained.known_images));
  });
});
