import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { csflow, csflowJson, temporaryFolder } from './command.js';

/** Wide pictures of a woven ground; defects are bright spots, good parts have none. */
const [height, width] = [100, 300];
const spot = { y: 40, x: 220, side: 16 };
let folder: string;
let data: string;
const cached = () => ({ cache: join(folder, 'cache') });
const small = ['--preset', 'tiny', '--size', '128x128', '--epochs', '15', '--seed', '1'];

async function draw(path: string, seed: number, defective: boolean, sides = [height, width]): Promise<void> {
  const random = new NumpyRandom(seed);
  const [rows, columns] = sides;
  const pixels = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const [y, x] = [Math.floor(i / columns), i % columns];
    const inSpot = y >= spot.y && y < spot.y + spot.side && x >= spot.x && x < spot.x + spot.side;
    if (defective && inSpot) return 250;
    return 110 + 30 * Math.sin(x / 3) * Math.sin(y / 3) + 8 * random.normal();
  });
  await sharp(pixels, { raw: { width: columns, height: rows, channels: 1 } })
    .png()
    .toFile(path);
}

async function drawMask(path: string, fill: (y: number, x: number) => boolean): Promise<void> {
  const pixels = Uint8Array.from({ length: height * width }, (_, i) =>
    fill(Math.floor(i / width), i % width) ? 255 : 0,
  );
  await sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toFile(path);
}

const model = (name: string): string => join(folder, `${name}.onnx`);
/** Keeps what a test says of a model it trains; each is trained once. */
const train = (name: string, args: readonly string[]) =>
  csflowJson(['train', data, '--out', model(name), ...small, ...args], cached());

/** Scores that `predict` gives, one a path. */
async function predicted(name: string, paths: readonly string[], args: readonly string[] = []) {
  const { stdout, stderr, code } = await csflow(['predict', model(name), ...paths, '--json', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { score: number; defective: boolean; heatmap?: string });
}

/** The scores that set the threshold are those that `predict` gives of the same pictures, one a picture. */
async function expectCalibratedAsPredicted(name: string): Promise<void> {
  const info = await csflowJson(['info', model(name)]);
  const { calibrationImages } = info.data as { calibrationImages: readonly string[] };
  const { scores } = info.calibration as { scores: readonly number[] };
  const directory = join(data, 'train', 'good');
  const paths = (await readdir(directory)).map((file) => join(directory, file));
  const heldOut: string[] = [];
  for (const path of paths) {
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    if (calibrationImages.includes(digest)) heldOut.push(path);
  }
  const found = (await predicted(name, heldOut)).map(({ score }) => score).sort((a, b) => a - b);
  expect(scores).toHaveLength(calibrationImages.length);
  found.forEach((score, i) => expect(score / scores[i]).toBeCloseTo(1, 3));
}

beforeAll(async () => {
  folder = await temporaryFolder();
  data = join(folder, 'data');
  for (const part of ['train/good', 'test/good', 'test/spot', 'ground_truth/spot']) {
    await mkdir(join(data, part), { recursive: true });
  }
  for (let i = 0; i < 20; i++) await draw(join(data, 'train/good', `${i}.png`), i, false);
  for (let i = 0; i < 4; i++) {
    await draw(join(data, 'test/good', `${i}.png`), 100 + i, false);
    await draw(join(data, 'test/spot', `${i}.png`), 200 + i, true);
    await drawMask(
      join(data, 'ground_truth/spot', `${i}_mask.png`),
      (y, x) => y >= spot.y && y < spot.y + spot.side && x >= spot.x && x < spot.x + spot.side,
    );
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Pictures of every shape, among them those of no size the model was trained at. */
const shapes = [
  [1, 1],
  [2000, 1],
  [1, 2000],
  [7, 3],
  [150, 3000],
] as const;

async function drawShapes(): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [rows, columns] of shapes) {
    const path = join(folder, `shape-${rows}x${columns}.png`);
    await draw(path, 7, false, [rows, columns]);
    paths.push(path);
  }
  return paths;
}

async function expectHeatmapsOfTheirShapes(name: string): Promise<void> {
  const directory = join(folder, `heatmaps-${name}`);
  const found = await predicted(name, await drawShapes(), ['--heatmaps', directory]);
  for (const [i, { score, heatmap }] of found.entries()) {
    expect(Number.isFinite(score)).toBe(true);
    const size = await sharp(heatmap).metadata();
    expect(size.width).toBeGreaterThanOrEqual(shapes[i][1]);
    expect(size.height).toBeGreaterThanOrEqual(shapes[i][0]);
  }
}

describe('a size that is no multiple of 128', () => {
  it('is taken as the nearest, and said', async () => {
    const args = ['train', data, '--out', model('sized'), '--preset', 'tiny', '--epochs', '1'];
    const { code, stdout } = await csflow([...args, '--size', '100x300'], cached());
    expect(code).toBe(0);
    expect(stdout).toContain('size        128x256, the multiples of 128 nearest to 100x300');
    const info = await csflowJson(['info', model('sized')]);
    expect(info.configuration).toMatchObject({ size: [128, 256] });
    expect(info.view).toEqual({ kind: 'whole' });
  });

  it('looks at pictures of any shape', () => expectHeatmapsOfTheirShapes('sized'));
});

describe('tiles', () => {
  beforeAll(async () => {
    const result = await train('tiles', ['--tile', '100x100']);
    expect(result).toMatchObject({
      training_images: 17,
      calibration_images: 3,
      size: [128, 128],
      view: { kind: 'tiles', tile: [100, 100], overlap: 0.25, score: 'maximum' },
    });
  });

  it('are recorded and used by evaluate, which finds spots too small for the whole picture', async () => {
    expect((await csflow(['info', model('tiles')])).stdout).toContain(
      'tiles of 100 × 100 pixels, overlapping by 25 %',
    );
    const result = await csflowJson(['evaluate', model('tiles'), data]);
    expect(result).toMatchObject({ images: 8, pixel_images: 8 });
    expect(result.image_auroc).toBe(1);
    expect(result.pixel_auroc).toBeGreaterThan(0.9);
  });

  it('make one calibration score a picture, the one that predict gives', () =>
    expectCalibratedAsPredicted('tiles'));

  it('look at pictures of any shape', () => expectHeatmapsOfTheirShapes('tiles'));

  it('give the same scores from cached features, and others with another tile', async () => {
    await train('tiles-again', ['--tile', '100x100']);
    await train('tiles-other', ['--tile', '80x100', '--size', '128x128']);
    const path = join(data, 'test/spot/0.png');
    const [first, again, other] = await Promise.all(
      ['tiles', 'tiles-again', 'tiles-other'].map(async (name) => (await predicted(name, [path]))[0].score),
    );
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('say what they would take', async () => {
    const args = ['train', data, '--out', model('dry'), ...small, '--tile', '100x100', '--dry-run'];
    expect(await csflowJson(args, cached())).toMatchObject({ training_images: 17, training_samples: 68 });
  });
});

describe('a region of interest', () => {
  /** The left half: spots lie outside. */
  const left = '0,0 0.5,0 0.5,1 0,1';

  it('as corners: spots outside are not found, and evaluate says that they lie there', async () => {
    await train('left', ['--roi', left]);
    await expectCalibratedAsPredicted('left');
    const result = await csflowJson(['evaluate', model('left'), data]);
    expect(result).toMatchObject({
      images: 8,
      pixel_auroc: null,
      defects_outside_region: { images: 4, wholly: 4, pixel_share: 1 },
    });
  });

  it('leaves the picture as it is outside', async () => {
    const path = join(data, 'test/spot/0.png');
    const directory = join(folder, 'left-heatmaps');
    const [{ heatmap }] = await predicted('left', [path], ['--heatmaps', directory]);
    const { data: drawn, info } = await sharp(heatmap).raw().toBuffer({ resolveWithObject: true });
    const photo = await sharp(path).toColourspace('srgb').raw().toBuffer();
    for (let y = 0; y < height; y++) {
      for (let x = width / 2 + 2; x < width; x++) {
        expect(drawn[(y * info.width + x) * info.channels]).toBe(photo[(y * width + x) * 3]);
      }
    }
  });

  it('as a mask, with tiles: only those that hold some of it are looked at', async () => {
    const mask = join(folder, 'mask.png');
    await drawMask(mask, (y, x) => x >= 180 && y >= 20 && y < 80);
    const args = ['--tile', '64x64', '--roi', mask];
    const dry = ['train', data, '--out', model('dry'), ...small, ...args, '--dry-run'];
    // A row of three tiles covers the mask's 60 × 120 pixels.
    expect(await csflowJson(dry, cached())).toMatchObject({ training_images: 17, training_samples: 17 * 3 });
    await train('masked', args);
    await rm(mask);
    await expectCalibratedAsPredicted('masked');
    expect(await csflowJson(['info', model('masked')])).toMatchObject({
      roi: { kind: 'mask', height, width },
    });
    const result = await csflowJson(['evaluate', model('masked'), data]);
    expect(result).toMatchObject({ image_auroc: 1, defects_outside_region: { images: 0, pixel_share: 0 } });
    expect(result.pixel_auroc).toBeGreaterThan(0.8);
  });

  it.each([
    ['0,0 1,1', 2, /roi: expected at least three corners/],
    ['0,0 1,1 1,0 0,1', 2, /roi: expected sides that do not cross/],
    ['0.2,0.2 0.4,0.4 0.6,0.6', 2, /roi: expected corners around an area/],
    ['0,0 400,0 400,50', 2, /inside the pictures of 300 × 100 pixels .* got 400,0/],
    [
      'nothing.png',
      1,
      /roi: expected corners such as .* or a mask picture; nothing.png: there is no such file/,
    ],
  ])('%j is refused with what is wrong', async (roi, expected, message) => {
    const { code, stderr } = await csflow(
      ['train', data, '--out', model('none'), ...small, '--roi', roi],
      cached(),
    );
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('refuses a mask that is empty or of another shape, and pixels where sizes differ', async () => {
    const black = join(folder, 'black.png');
    await drawMask(black, () => false);
    const square = join(folder, 'square.png');
    await draw(square, 1, false, [50, 50]);
    const failing = async (roi: string, from: string, message: RegExp): Promise<void> => {
      const { code, stderr } = await csflow(
        ['train', from, '--out', model('none'), ...small, '--roi', roi],
        cached(),
      );
      expect(code).toBeGreaterThan(0);
      expect(stderr).toMatch(message);
    };
    await failing(black, data, /a region of at least 0.001 % of the picture, got an empty one/);
    await failing(square, data, /a mask of the pictures' shape, got 50 × 50 for a picture of 300 × 100/);
    const mixed = join(folder, 'mixed');
    await mkdir(mixed);
    for (const [i, sides] of [
      [100, 300],
      [90, 300],
      [100, 300],
    ].entries()) {
      await draw(join(mixed, `${i}.png`), i, false, sides);
    }
    await failing('0,0 200,0 200,80', mixed, /pictures of one size for corners in pixels, got 2 sizes/);
  });
});
