import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bandAtChosenValue } from '#csflow/evaluation/index.js';
import { withOnnxMetadata, readOnnxMetadata } from '#csflow/graph/index.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';
import { goodScoresOf } from '#csflow/inspector/model-threshold.js';
import { csflow, csflowJson, startCsflow, folderWithSampleData } from './command.js';

/** One model whose threshold comes from three folds of 40 good pictures, and what can be done with it. */
let folder: string;
let data: string;
let model: string;
let trained: Record<string, unknown>;
let metadata: ModelMetadata;
const options = () => ({ cache: join(folder, 'cache') });
const training = (out: string, ...more: string[]) => [
  ...['train', data, '--out', out, '--preset', 'tiny', '--size', '128x128', '--epochs', '30', '--seed', '3'],
  ...['--calibrate', 'cross', '--folds', '3', ...more],
];
const infoOf = async (path: string) => (await csflowJson(['info', path])) as unknown as ModelMetadata;

beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 40, test: 8, defects: 3 }));
  model = join(folder, 'parts.onnx');
  trained = await csflowJson(training(model), options());
  metadata = await infoOf(model);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('train --calibrate cross', () => {
  it('scores every image once, learns from all, and says so', () => {
    expect(trained).toMatchObject({
      training_images: 40,
      calibration_images: 40,
      calibration_parts: 40,
      calibration: { kind: 'cross', folds: 3 },
      threshold_origin: { kind: 'calibration' },
      enough_calibration_images: false,
      needed_calibration_images: 99,
      band_confidence: 0.95,
    });
    const { calibration, data: images, threshold } = metadata;
    expect(calibration.method).toEqual({ kind: 'cross', folds: 3 });
    expect([...calibration.scores].sort((a, b) => a - b)).toEqual(calibration.scores);
    expect(new Set(calibration.groups).size).toBe(40);
    expect([...images.calibrationImages].sort()).toEqual([...images.trainingImages].sort());
    expect(threshold.value).toBe(calibration.scores.at(-1));
    // Beta(1, 40): what is known of the rate above the largest of 40 scores.
    expect(threshold.band.low).toBeCloseTo(1 - 0.975 ** (1 / 40), 9);
    expect(threshold.band.high).toBeCloseTo(1 - 0.025 ** (1 / 40), 9);
    expect(existsSync(`${model}.checkpoint.folds`)).toBe(false);
  });

  it('has flows score what they have not seen: higher than the flow that has seen all', async () => {
    const paths = Array.from({ length: 40 }, (_, i) =>
      join(data, 'train', 'good', `${String(i).padStart(3, '0')}.png`),
    );
    const { stdout } = await csflow(['predict', model, ...paths, '--json']);
    const seen = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { score: number }).score);
    expect(seen).toHaveLength(40);
    expect(mean(metadata.calibration.scores)).toBeGreaterThan(mean(seen));
  });

  it('interrupted between folds and resumed ends as one that was not', async () => {
    const parts = join(folder, 'interrupted.onnx');
    const child = startCsflow(training(parts), options());
    let log = '';
    let stopped = false;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (!stopped && /flow 2 of 4/.test(log)) stopped = child.kill('SIGINT');
    });
    const [code] = (await once(child, 'close')) as [number];
    expect([code, log]).toEqual([
      1,
      expect.stringMatching(/fold 1 of 3 scored[^]*run the same command with --resume/),
    ]);
    expect(existsSync(`${parts}.checkpoint.folds`)).toBe(true);

    const refused = await csflow(training(parts, '--resume', '--learning-rate', '0.002'), options());
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('same data and settings')]);

    await csflowJson(training(parts, '--resume'), options());
    const resumed = await infoOf(parts);
    expect(resumed.calibration).toEqual(metadata.calibration);
    expect(resumed.threshold).toEqual(metadata.threshold);
    expect(existsSync(`${parts}.checkpoint.folds`)).toBe(false);
  });

  it('keeps pictures of a part in one fold, and counts parts', async () => {
    const grouped = join(folder, 'grouped.onnx');
    const result = await csflowJson(
      training(grouped, '--group', '(train/good/..|test/.*)', '--epochs', '2'),
      options(),
    );
    expect(result).toMatchObject({ calibration_images: 40, calibration_parts: 4 });
    const { calibration } = await infoOf(grouped);
    expect([0, 1, 2, 3].map((part) => calibration.groups.filter((group) => group === part).length)).toEqual([
      10, 10, 10, 10,
    ]);
    const tooMany = await csflow(
      [...training(grouped, '--group', '(train/good/..|test/.*)'), '--folds', '5'],
      options(),
    );
    expect([tooMany.code, tooMany.stderr]).toEqual([
      1,
      expect.stringContaining('folds: expected a whole number from 2 to 4'),
    ]);
  });

  it('takes its time budget for all flows together', async () => {
    const out = join(folder, 'budget.onnx');
    const args = training(out, '--epochs', '100000', '--minutes', '0.1');
    const start = performance.now();
    const result = await csflowJson(args, options());
    expect(result.steps).toBeGreaterThan(3);
    expect((performance.now() - start) / 1000).toBeLessThan(60);
  });

  it('is told of by a dry run', async () => {
    const forecast = await csflowJson(training(model, '--dry-run', '--no-cache'));
    expect(forecast).toMatchObject({ training_images: 40, calibration_images: 40, flows: 4 });
  });

  it('refuses folds without it', async () => {
    const { code, stderr } = await csflow(['train', data, '--out', model, '--folds', '4']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--calibrate cross')]);
  });
});

describe('threshold', () => {
  it('without a wish shows what the good scores give, and for what they are too few', async () => {
    const shown = await csflowJson(['threshold', model]);
    const rates = shown.rates as readonly Record<string, unknown>[];
    expect(rates.map((row) => row.false_reject_rate)).toEqual([0.1, 0.05, 0.02, 0.01, 0.005, 0.001]);
    const { scores } = metadata.calibration;
    // Of 40 scores the 37th for 10 %, k = ⌈41 · 0.9⌉, the 39th for 5 %; 2 % takes 49.
    expect(rates.map((row) => row.threshold)).toEqual([36, 38, 39, 39, 39, 39].map((i) => scores[i]));
    expect(rates.map((row) => row.enough_calibration_images)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(rates.at(-1)).toMatchObject({
      needed_calibration_images: 999,
      threshold_band: [expect.anything(), null],
    });
    const { stdout } = await csflow(['threshold', model]);
    expect(stdout).toMatch(/too few: 999 good images are needed/);
  });

  it('--false-reject writes the threshold of a rate and changes nothing else', async () => {
    const out = join(folder, 'strict.onnx');
    const result = await csflowJson(['threshold', model, '--false-reject', '0.1', '--out', out]);
    expect(result).toMatchObject({
      model: out,
      threshold: metadata.calibration.scores[36],
      threshold_before: metadata.threshold.value,
      false_reject_rate: 0.1,
      enough_calibration_images: true,
    });
    const [before, after] = await Promise.all([readFile(model), readFile(out)]);
    const bare = (bytes: Uint8Array) => Buffer.from(withOnnxMetadata(bytes, {}, 'model'));
    expect(bare(after).equals(bare(before))).toBe(true);
    const properties = [before, after].map((bytes) => readOnnxMetadata(bytes, 'model'));
    const changed = Object.keys(properties[0]).filter((key) => properties[0][key] !== properties[1][key]);
    expect(changed).toEqual(['csflow.threshold']);
    expect(Object.keys(properties[1]).sort()).toEqual(Object.keys(properties[0]).sort());
    expect((await infoOf(out)).threshold).toMatchObject({ origin: { kind: 'calibration' } });
  });

  it('--value in place changes verdicts and not scores', async () => {
    const own = join(folder, 'own.onnx');
    await copyFile(model, own);
    const image = join(data, 'test', 'good', '000.png');
    const before = await csflowJson(['predict', own, image]);
    const value = Number(before.score) - 0.001;
    const result = await csflowJson(['threshold', own, '--value', String(value), '--out', own]);
    expect(result).toMatchObject({ threshold: value, threshold_origin: { kind: 'value' } });
    expect(await csflowJson(['predict', own, image])).toMatchObject({ score: before.score, defective: true });
    await csflowJson(['threshold', own, '--value', String(value + 0.002), '--out', own]);
    expect(await csflowJson(['predict', own, image])).toMatchObject({
      score: before.score,
      defective: false,
    });
  });

  it('shows and writes nothing without --out', async () => {
    const before = await readFile(model);
    const { stdout, code } = await csflow(['threshold', model, '--false-reject', '0.05']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/for 5 % of good parts[^]*nothing was written/),
    ]);
    expect((await readFile(model)).equals(before)).toBe(true);
  });

  it('--cost chooses by test images, keeps their digests, and evaluate says that its figures flatter', async () => {
    const out = join(folder, 'cost.onnx');
    const args = ['threshold', model, '--cost-missed', '1000', '--cost-rejected', '1', '--data', data];
    const result = await csflowJson([...args, '--defect-share', '0.5', '--out', out]);
    expect(result).toMatchObject({
      threshold_origin: { kind: 'cost', costMissed: 1000, costRejected: 1, defectShare: 0.5, images: 17 },
      chosen_on: { good: 8, defective: 9, missed: 0 },
    });
    const evaluated = await csflowJson(['evaluate', out, data]);
    expect(evaluated).toMatchObject({ missed: 0, threshold_chosen_on: 17, threshold: result.threshold });
    expect(await csflowJson(['evaluate', model, data])).toMatchObject({ threshold_chosen_on: 0 });
    const { stdout } = await csflow(['evaluate', out, data]);
    expect(stdout).toContain('the threshold was chosen on 17 of these images');

    // Other pictures are fair.
    const fresh = join(folder, 'fresh');
    await csflowJson([
      'sample-data',
      fresh,
      '--size',
      '128',
      '--train',
      '2',
      '--test',
      '3',
      '--defects',
      '1',
      '--seed',
      '77',
    ]);
    expect(await csflowJson(['evaluate', out, fresh])).toMatchObject({ threshold_chosen_on: 0 });
  });

  it('--f1 reaches the largest F1 that evaluate finds', async () => {
    const out = join(folder, 'f1.onnx');
    const result = await csflowJson(['threshold', model, '--f1', '--data', data, '--out', out]);
    const { f1_max } = await csflowJson(['evaluate', out, data]);
    expect((result.threshold_origin as { f1: number }).f1).toBeCloseTo(Number(f1_max), 12);
    const both = await csflowJson(['threshold', model, '--f1', '--data', data, '--good-scores', 'both']);
    expect(both).toMatchObject({
      chosen_on: { good: 48, defective: 9 },
      threshold_origin: { goodScores: 'both' },
      band_conditions: [
        expect.stringContaining('like the flows of the folds do'),
        expect.stringContaining('helped to choose'),
      ],
    });
    const { low, high } = bandAtChosenValue(goodScoresOf(metadata), Number(both.threshold));
    expect(both.false_reject_band).toEqual([low, high]);
  });

  it('says of --data what was skipped, left out and seen in training', async () => {
    const mixed = join(folder, 'mixed');
    await cp(data, mixed, { recursive: true });
    await writeFile(join(mixed, 'test', 'good', 'broken.png'), 'no picture');
    await copyFile(join(data, 'train', 'good', '000.png'), join(mixed, 'test', 'good', 'seen.png'));
    const result = await csflowJson(['threshold', model, '--f1', '--data', mixed]);
    expect(result).toMatchObject({
      chosen_on: { good: 8, defective: 9 },
      skipped: 1,
      skipped_reasons: [{ count: 1 }],
      left_out_seen_in_training: 1,
    });
    const codes = (result.warnings as readonly { readonly code: string }[]).map(({ code }) => code);
    expect(codes).toContain('same-picture-in-training-and-test');
    expect(codes).toContain('seen-in-training');
    const { stdout } = await csflow(['threshold', model, '--f1', '--data', mixed]);
    expect(stdout).toMatch(/skipped +1: [^]*warning: [^]*trained or calibrated on/);
  });

  it('says on what its band rests where flows of folds made the scores', async () => {
    const { stdout } = await csflow(['threshold', model]);
    expect(stdout.match(/like the flows of the folds do/g)).toHaveLength(2);
    expect(await csflowJson(['threshold', model])).toMatchObject({
      band_conditions: [expect.stringContaining('like the flows of the folds do')],
    });
  });

  it.each([
    [['--false-reject', '0.1', '--value', '3'], 'expected one of'],
    [['--group', '(..)'], 'group: expected together with --data'],
    [['--value', '3', '--good', '*.png'], 'good: expected together with --data'],
    [['--value', '3', '--defective', '*.png'], 'defective: expected together with --data'],
    [['--false-reject', '0.1', '--split', 'group'], 'split: expected together with --data'],
    [['--seed', '0'], 'seed: expected together with --data'],
    [['--device', 'cpu'], 'device: expected together with --data'],
    [['--threads', '1'], 'threads: expected together with --data'],
    [['--cost-missed', '3', '--data', 'x'], 'cost-rejected: expected both costs'],
    [['--f1'], 'data: expected a data set'],
    [['--data', 'x'], 'data: expected together with --f1'],
    [['--defect-share', '0.1'], 'defect-share: expected together with'],
    [['--good-scores', 'both'], 'good-scores: expected together with'],
    [['--out', 'x.onnx'], 'out: expected together with a threshold'],
    [['--false-reject', '2'], 'expected a share between 0 and 1'],
    [['--value', 'high'], 'expected a number, got high'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await csflow(['threshold', model, ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('says where there is nothing defective to choose by', async () => {
    const onlyGood = join(folder, 'only-good');
    await mkdir(join(onlyGood, 'test', 'good'), { recursive: true });
    await mkdir(join(onlyGood, 'train', 'good'), { recursive: true });
    for (const to of ['test', 'train']) {
      await copyFile(join(data, 'test', 'good', '001.png'), join(onlyGood, to, 'good', 'a.png'));
    }
    const { code, stderr } = await csflow(['threshold', model, '--f1', '--data', onlyGood]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('expected scores of good and of defective images, got 1 and 0'),
    ]);
  });
});
