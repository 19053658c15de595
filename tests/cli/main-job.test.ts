import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, folderWithSampleData } from './command.js';

/** The main job on drawn parts, with the smallest model: seconds, and still able to find a missing hole. */
let folder: string;
let data: string;
let model: string;
let trained: Record<string, unknown>;
const training = ['--preset', 'tiny', '--size', '256x256', '--epochs', '40', '--seed', '3'];
const inFolder = () => ({ cache: join(folder, 'cache') });

beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 40, test: 8, defects: 4 }));
  model = join(folder, 'parts.onnx');
  trained = await csflowJson(['train', data, '--out', model, ...training], inFolder());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('train', () => {
  it('says what it learned from and writes one file', async () => {
    expect(trained).toMatchObject({
      model,
      training_images: 34,
      calibration_images: 6,
      skipped: 0,
      epochs: 40,
      steps: 120,
      seed: 3,
      false_reject_rate: 0.01,
      enough_calibration_images: false,
      warnings: [
        {
          code: 'few-images',
          message: expect.stringContaining('a threshold from 6 held-out parts') as string,
          files: [],
        },
      ],
    });
    expect((await readdir(folder)).sort()).toEqual(['cache', 'data', 'parts.onnx']);
  });

  it('gives the same scores for the same seed, from cached features as from computed ones', async () => {
    const again = join(folder, 'again.onnx');
    const other = join(folder, 'other.onnx');
    await csflowJson(['train', data, '--out', again, ...training], inFolder());
    await csflowJson(['train', data, '--out', other, ...training, '--no-cache'], inFolder());
    const image = join(data, 'test', 'good', '000.png');
    const scores = await Promise.all(
      [model, again, other].map((file) => csflowJson(['predict', file, image])),
    );
    expect(scores[1].score).toBe(scores[0].score);
    expect(scores[2].score).toBe(scores[0].score);
  });

  it('says once, to people, where copies between training and test are looked for', async () => {
    const out = join(folder, 'told.onnx');
    const args = ['--out', out, '--preset', 'tiny', '--size', '256x256', '--epochs', '1', '--quiet'];
    const looked = /look for copies between training and test/g;
    const { stdout, code } = await csflow(['train', data, ...args], inFolder());
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^test +20 images kept apart for csflow evaluate\n +csflow data and csflow evaluate look/m,
    );
    expect(stdout.match(looked)).toHaveLength(1);
    const none = await csflow(['train', data, ...args, '--good', 'train/good/00[0-8].png'], inFolder());
    expect([none.code, none.stdout.match(looked)]).toEqual([0, null]);
  });

  it('keeps to a time budget', async () => {
    const start = performance.now();
    const out = join(folder, 'short.onnx');
    const args = [
      'train',
      data,
      '--out',
      out,
      '--preset',
      'tiny',
      '--size',
      '256x256',
      '--epochs',
      '100000',
      '--minutes',
      '0.1',
    ];
    const result = await csflowJson(args, inFolder());
    expect(result.steps).toBeGreaterThan(3);
    // Six seconds for the steps; starting Node and writing the file come on top.
    expect((performance.now() - start) / 1000).toBeLessThan(40);
  });
});

describe('evaluate', () => {
  it('counts images and defects and gives every figure', async () => {
    const result = await csflowJson(['evaluate', model, data]);
    expect(result).toMatchObject({
      images: 20,
      good: 8,
      defective: 12,
      skipped: 0,
      left_out_seen_in_training: 0,
      warnings: [],
    });
    expect(Object.keys(result.per_class as object)).toEqual(['missing', 'scratch', 'stain']);
    const shares = [
      ...['image_auroc', 'image_ap', 'f1_max', 'fpr_at_tpr95', 'recall'],
      ...['pixel_auroc', 'pixel_ap', 'pixel_f1_max', 'pixel_fpr_at_tpr95', 'aupro_30', 'aupro_05'],
      ...['region_recall', 'region_recall_at_f1_max'],
    ];
    const classes = result.per_class as Record<string, Record<string, unknown>>;
    for (const figures of [result, ...Object.values(classes)]) {
      for (const figure of shares) {
        expect(figures[figure], figure).toBeGreaterThanOrEqual(0);
        expect(figures[figure], figure).toBeLessThanOrEqual(1);
      }
      const intervals = figures.intervals as Record<string, [number, number]>;
      const [low, high] = intervals.image_auroc;
      expect(low).toBeLessThanOrEqual(figures.image_auroc as number);
      expect(high).toBeGreaterThanOrEqual(figures.image_auroc as number);
    }
    expect(result.false_reject_rate).toBeLessThanOrEqual(1);
    expect(result.regions).toBe(
      Object.values(classes).reduce((sum, { regions }) => sum + (regions as number), 0),
    );
    expect(result.interval_method).toMatchObject({ seed: 0, good_parts: 8, defective_parts: 12 });
    // Chance is 0.5: the maps do point at the defects.
    expect(result.pixel_auroc).toBeGreaterThan(0.75);
  });

  it('tells people the figures with their intervals, by class, and what is undefined', async () => {
    const { stdout, code } = await csflow(['evaluate', model, data, '--quiet']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/of 12 defective parts found, [\d.]+ % \[[\d.]+, [\d.]+\]/);
    expect(stdout).toMatch(/^all +20 +\d+ of 12 \[[\d.]+, [\d.]+\] +[\d.]+ \[[\d.]+, [\d.]+\]/m);
    expect(stdout).toMatch(/^stain +4 +\d of 4 /m);
    expect(stdout).toContain('95 % confidence intervals over 8 good and 12 defective parts');
    expect(stdout).not.toMatch(/NaN|null/);
    const onlyGood = join(folder, 'only-good');
    await mkdir(join(onlyGood, 'train', 'good'), { recursive: true });
    await mkdir(join(onlyGood, 'test', 'good'), { recursive: true });
    for (const name of ['000.png', '001.png']) {
      const picture = await readFile(join(data, 'test', 'good', name));
      await writeFile(join(onlyGood, 'test', 'good', name), picture);
      await writeFile(join(onlyGood, 'train', 'good', name), picture);
    }
    const { stdout: text } = await csflow(['evaluate', model, onlyGood, '--quiet']);
    expect(text).toMatch(/undefined, since there are no defective images: image_auroc, /);
    expect(text).not.toMatch(/NaN|null/);
  });

  it('says which defective images have no mask', async () => {
    const mask = join(data, 'ground_truth', 'scratch', '000_mask.png');
    const content = await readFile(mask);
    await rm(mask);
    const result = await csflowJson(['evaluate', model, data]);
    await writeFile(mask, content);
    expect(result).toMatchObject({ images: 20, pixel_images: 19, skipped: 1 });
    expect(result.skipped_reasons).toEqual([{ reason: 'no mask: left out of the pixel figures', count: 1 }]);
  });

  it('leaves out images the model was trained on, whatever their names', async () => {
    const copy = join(folder, 'leaky');
    await mkdir(join(copy, 'train', 'good'), { recursive: true });
    await mkdir(join(copy, 'test', 'good'), { recursive: true });
    const seen = await readFile(join(data, 'train', 'good', '000.png'));
    const fresh = await readFile(join(data, 'test', 'good', '000.png'));
    await writeFile(join(copy, 'train', 'good', 'a.png'), fresh);
    await writeFile(join(copy, 'test', 'good', 'seen.png'), seen);
    await writeFile(join(copy, 'test', 'good', 'fresh.png'), fresh);
    const result = await csflowJson(['evaluate', model, copy]);
    expect(result).toMatchObject({ images: 1, left_out_seen_in_training: 1 });
    const warnings = result.warnings as { code: string; files: string[] }[];
    expect(warnings.map(({ code }) => code)).toEqual([
      'same-picture-in-training-and-test',
      'seen-in-training',
    ]);
    expect(warnings[1].files).toEqual([join(copy, 'test', 'good', 'seen.png')]);
    const { stdout } = await csflow(['evaluate', model, copy]);
    expect(stdout).toMatch(/^warning: 1 picture of the test set is in training too/m);
    expect(stdout).toMatch(/^warning: 1 test image is among those that the model was trained/m);
  });

  it('counts what it could not read and a mask of another size', async () => {
    const copy = join(folder, 'damaged');
    for (const part of ['train/good', 'test/good', 'test/stain', 'ground_truth/stain']) {
      await mkdir(join(copy, part), { recursive: true });
    }
    const good = await readFile(join(data, 'test', 'good', '001.png'));
    await writeFile(join(copy, 'train', 'good', 'a.png'), good);
    await writeFile(join(copy, 'test', 'good', 'a.png'), good);
    await writeFile(join(copy, 'test', 'good', 'cut.png'), good.subarray(0, good.length / 2));
    await writeFile(join(copy, 'test', 'good', 'empty.png'), '');
    await writeFile(
      join(copy, 'test', 'stain', 'b.png'),
      await readFile(join(data, 'test', 'stain', '000.png')),
    );
    const mask = sharp({ create: { width: 9, height: 9, channels: 3, background: 'white' } });
    await mask.png().toFile(join(copy, 'ground_truth', 'stain', 'b_mask.png'));
    const result = await csflowJson(['evaluate', model, copy]);
    expect(result).toMatchObject({
      images: 2,
      good: 1,
      defective: 1,
      skipped: 3,
      pixel_auroc: null,
      pixel_images: 0,
    });
    expect(result.skipped_reasons).toHaveLength(3);
  });
});

describe('evaluate --report', () => {
  it('writes the report for people, the summary and every score', async () => {
    const report = join(folder, 'report');
    const result = await csflowJson(['evaluate', model, data, '--report', report]);
    expect((await readdir(report)).sort()).toEqual(['report.html', 'scores.csv', 'summary.json']);
    const summary = JSON.parse(await readFile(join(report, 'summary.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(summary.image_auroc).toBe(result.image_auroc);
    const lines = (await readFile(join(report, 'scores.csv'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1 + 20);
    expect(lines[0]).toBe('path,class,score,p_value,rejected');
    const html = await readFile(join(report, 'report.html'), 'utf8');
    const { training } = await csflowJson(['info', model]);
    expect(html).toContain(`tiny, default, ${(training as { seed: number }).seed}`);
    expect(html).toContain(
      createHash('sha256')
        .update(await readFile(model))
        .digest('hex'),
    );
    // Six good and six defective pictures, each with its heatmap.
    expect(html.match(/<img /g)).toHaveLength(24);
    expect(html).toContain('Too few good pictures set the threshold');
  });
});

describe('a picture that lies twice among the good ones', () => {
  it('is not used to set the threshold when it is learned from', async () => {
    const twice = join(folder, 'twice');
    await mkdir(twice);
    const names = await readdir(join(data, 'train', 'good'));
    for (const name of names.slice(0, 12)) {
      const content = await readFile(join(data, 'train', 'good', name));
      await writeFile(join(twice, name), content);
      await writeFile(join(twice, `copy-${name}`), content);
    }
    const args = ['train', twice, '--out', join(folder, 'twice.onnx'), '--preset', 'tiny', '--epochs', '1'];
    // Three of twenty pictures are drawn with seed 1; some of them are copies of learned ones.
    const result = await csflowJson([...args, '--seed', '1'], { cache: join(folder, 'twice-cache') });
    const counted =
      Number(result.training_images) + Number(result.calibration_images) + Number(result.skipped);
    expect(counted + Number(result.test_images)).toBe(24);
    expect(result.skipped).toBeGreaterThan(0);
    const codes = (result.warnings as { code: string }[]).map(({ code }) => code);
    expect([...new Set(codes)]).toEqual(['few-images', 'same-picture-again']);
    const info = await csflowJson(['info', join(folder, 'twice.onnx')]);
    const { trainingImages, calibrationImages } = info.data as Record<string, string[]>;
    expect(calibrationImages.filter((digest) => trainingImages.includes(digest))).toEqual([]);
  });
});

describe('predict', () => {
  it('gives one JSON line an image, and a heatmap that leaves the photo of a good part nearly as it is', async () => {
    const images = ['test/good/000.png', 'test/stain/000.png'].map((path) => join(data, path));
    const heatmaps = join(folder, 'heatmaps');
    const { stdout, code } = await csflow(['predict', model, ...images, '--json', '--heatmaps', heatmaps]);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ path }) => path)).toEqual(images);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual([
        'path',
        'score',
        'p_value',
        'defective',
        'regions',
        'seconds',
        'heatmap',
      ]);
      expect(line.p_value).toBeGreaterThan(0);
      expect(line.p_value).toBeLessThanOrEqual(1);
    }
    expect((await readdir(heatmaps)).sort()).toEqual(['000-2.png', '000.png']);
    expect(lines.map((line) => basename(String(line.heatmap)))).toEqual(['000.png', '000-2.png']);
    // The photo's own pixels in the upper left corner, the legend below.
    const changed = await Promise.all(
      images.map(async (image, i) => {
        const photo = await sharp(image).removeAlpha().toColourspace('srgb').raw().toBuffer();
        const drawn = sharp(String(lines[i].heatmap));
        expect((await drawn.metadata()).height).toBeGreaterThan(128 + 40);
        const corner = await drawn.extract({ left: 0, top: 0, width: 128, height: 128 }).raw().toBuffer();
        return photo.filter((value, at) => value !== corner[at]).length / photo.length;
      }),
    );
    expect(changed[0]).toBeLessThan(0.1);
    expect(changed[1]).toBeGreaterThan(changed[0]);
  });

  it('names the regions above the pixel threshold, in the photo’s pixels', async () => {
    const image = join(data, 'test', 'stain', '000.png');
    const { regions } = (await csflowJson(['predict', model, image])) as {
      regions: readonly Record<string, number>[];
    };
    expect(regions.length).toBeGreaterThan(0);
    for (const region of regions) {
      const { p_value_extrapolated: extrapolated, ...measured } = region;
      expect(Object.keys(measured)).toEqual(['x', 'y', 'width', 'height', 'area', 'p_value']);
      expect([true, undefined]).toContain(extrapolated);
      expect(region.p_value).toBeGreaterThanOrEqual(1e-7);
      expect(region.x + region.width).toBeLessThanOrEqual(128);
      expect(region.y + region.height).toBeLessThanOrEqual(128);
      expect(region.area).toBeLessThanOrEqual(region.width * region.height);
    }
    const { threshold } = (await csflowJson(['info', model])) as { threshold: { pixel: { pValue: number } } };
    expect(regions[0].p_value).toBeLessThan(threshold.pixel.pValue);
  });

  it('takes any image: grey, 16-bit, with alpha, EXIF-rotated, of another shape', async () => {
    const source = sharp(join(data, 'test', 'good', '000.png'));
    const files = {
      'grey.png': source.clone().greyscale(),
      'deep.png': source.clone().toColourspace('rgb16').png(),
      'alpha.png': source.clone().ensureAlpha(0.5),
      'rotated.jpg': source.clone().withMetadata({ orientation: 6 }).jpeg(),
      'wide.webp': source.clone().resize(700, 90, { fit: 'fill' }).webp(),
    };
    const paths = Object.keys(files).map((name) => join(folder, name));
    await Promise.all(Object.values(files).map((file, i) => file.toFile(paths[i])));
    const { stdout, code } = await csflow(['predict', model, ...paths, '--json']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(5);
  });

  it('goes on past what is no image, says so and fails', async () => {
    const text = join(folder, 'notes.jpg');
    await writeFile(text, 'not a picture');
    const image = join(data, 'test', 'good', '000.png');
    const { stdout, stderr, code } = await csflow(['predict', model, text, image, '--json']);
    expect(code).toBe(1);
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first.error).toContain('notes.jpg');
    expect(second.score).toBeGreaterThan(0);
    expect(stderr).toContain('1 of 2 images could not be read');
    await expect(access(join(folder, 'notes.png'))).rejects.toThrow();
  });
});

describe('info', () => {
  it('says what the file holds, for people and for machines', async () => {
    const { stdout } = await csflow(['info', model]);
    expect(stdout).toContain('efficientnet-lite0, block 14');
    expect(stdout).toContain('34 images learned from, 6 held out');
    const info = await csflowJson(['info', model]);
    expect(info.configuration).toMatchObject({ size: [256, 256], channels: 192, hidden: 16 });
  });

  it('plans the convolutions of the flow it holds, for the batch it was trained with', async () => {
    const { plans } = (await csflowJson(['info', model, '--plan'])) as {
      plans: readonly { program: string; batch: number; convolutions: readonly object[] }[];
    };
    expect(plans.map(({ program, batch }) => `${program} ${batch}`)).toEqual([
      'training step 16',
      'inference 16',
      'inference 1',
    ]);
    expect(plans[0].convolutions[0]).toMatchObject({ map: [8, 8], inputs: 96, outputs: 16 });
  });

  it('refuses a file that is no model, and one that is not ours', async () => {
    const { stderr, code } = await csflow(['info', join(data, 'test', 'good', '000.png')]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('expected an ONNX model')]);
  });
});

describe('cache', () => {
  it('is filled by training, counted and cleared', async () => {
    const options = { cache: join(folder, 'own-cache') };
    const out = join(folder, 'cached.onnx');
    await csflowJson(['train', data, '--out', out, '--preset', 'tiny', '--epochs', '1'], options);
    expect(await csflowJson(['cache'], options)).toMatchObject({ files: 40 });
    expect(await csflowJson(['cache', '--clear'], options)).toMatchObject({ files: 40, cleared: true });
    expect(await csflowJson(['cache'], options)).toMatchObject({ files: 0 });
  });
});
