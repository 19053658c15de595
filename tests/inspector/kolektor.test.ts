import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, temporaryFolder } from '../cli/command.js';

const shared = resolve(import.meta.dirname, '../../../shared/data/ksdd');
/** The first and the sixth part are tested, with a cracked picture each; the others have 28 good ones. */
const parts = ['kos02', 'kos03', 'kos04', 'kos05', 'kos06', 'kos07'];

/** KolektorSDD (500 × 1250, grey) trained and judged on whole pictures, at once and in tiles. */
describe.skipIf(!existsSync(shared))('KolektorSDD (needs ../shared)', () => {
  let folder: string;
  let data: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    data = join(folder, 'data');
    await mkdir(data);
    for (const part of parts) await symlink(join(shared, part), join(data, part));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['whole pictures', ['--size', '500x250'], [512, 256]],
    ['tiles', ['--tile', '512x512', '--size', '256x256'], [256, 256]],
  ] as const)('is learned and judged in %s', async (name, args, size) => {
    const model = join(folder, `${name}.onnx`);
    const settings = ['--preset', 'tiny', '--epochs', '10', '--no-cache'];
    const trained = await csflowJson(['train', data, '--out', model, ...settings, ...args]);
    expect(trained).toMatchObject({ size });
    expect(Number(trained.training_images) + Number(trained.calibration_images)).toBe(28);
    const result = await csflowJson(['evaluate', model, data]);
    expect(result).toMatchObject({ images: 16, defective: 2, pixel_images: 16 });
    // Chance is 0.5.
    expect(result.pixel_auroc).toBeGreaterThan(0.6);
    const picture = join(shared, 'kos12', 'Part0.jpg');
    const heatmaps = join(folder, name);
    const { stdout } = await csflow(['predict', model, picture, '--json', '--heatmaps', heatmaps]);
    const { heatmap } = JSON.parse(stdout) as { heatmap: string };
    const [drawn, photo] = await Promise.all([heatmap, picture].map((path) => sharp(path).metadata()));
    // The legend lies below.
    expect(drawn.width).toBe(photo.width);
    expect(drawn.height).toBeGreaterThan(photo.height);
  });

  it('is judged by a strip alone, whatever lies beside it', async () => {
    const model = join(folder, 'strip.onnx');
    const settings = ['--preset', 'tiny', '--size', '256x128', '--epochs', '2', '--no-cache'];
    await csflowJson(['train', data, '--out', model, ...settings, '--roi', '0,0 0.5,0 0.5,1 0,1']);
    const picture = sharp(join(shared, 'kos12', 'Part0.jpg'));
    const { width, height } = await picture.metadata();
    const create = { width: Math.floor(width / 8), height, channels: 3, background: 'white' } as const;
    const stained = join(folder, 'stained.png');
    await picture.composite([{ input: { create }, left: width - create.width, top: 0 }]).toFile(stained);
    const { stdout } = await csflow(['predict', model, stained, '--json']);
    const { regions } = JSON.parse(stdout) as { regions: readonly { x: number; width: number }[] };
    for (const region of regions) expect(region.x + region.width).toBeLessThanOrEqual(width / 2 + 1);
    const result = await csflowJson(['evaluate', model, data]);
    const { pixel_share } = result.defects_outside_region as { pixel_share: number };
    expect(pixel_share).toBeGreaterThan(0);
    expect(pixel_share).toBeLessThan(1);
  });
});
