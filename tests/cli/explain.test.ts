import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, folderWithSampleData } from './command.js';

let folder: string;
let data: string;
let model: string;
beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 10, test: 2, defects: 1 }));
  model = join(folder, 'parts.onnx');
  await csflowJson(['train', data, '--out', model, '--preset', 'tiny', '--epochs', '10', '--no-cache']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Line {
  readonly path: string;
  readonly score: number;
  readonly scales: readonly { readonly score: number; readonly map: readonly number[] }[];
  readonly regions: readonly { readonly share_of_score: number }[];
  readonly expected: { readonly reliable: boolean };
  readonly bits_per_dimension: number;
  readonly picture?: string;
}

const images = () => ['good/000.png', 'scratch/000.png'].map((name) => join(data, 'test', name));

describe('explain', () => {
  it('gives one JSON line an image, with the score that predict gives, and a picture', async () => {
    const out = join(folder, 'why');
    const { stdout, code } = await csflow(['explain', model, ...images(), '--out', out, '--json']);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ path }) => path)).toEqual(images());
    expect((await readdir(out)).sort()).toEqual(['000-2.png', '000.png']);
    for (const { path, score, scales, regions, expected, bits_per_dimension } of lines) {
      const verdict = await csflowJson(['predict', model, path]);
      expect(score / Number(verdict.score)).toBeCloseTo(1, 6);
      expect(scales.reduce((sum, scale) => sum + scale.score, 0) / score).toBeCloseTo(1, 5);
      expect(scales.map(({ map }) => map.length)).toEqual([16, 4, 1]);
      expect(regions[0].share_of_score).toBeGreaterThan(0);
      expect(expected.reliable).toBe(true);
      expect(bits_per_dimension).toBeGreaterThan(-100);
    }
    // Three columns of the picture's own size with eight pixels of margin, in three rows with titles and legends.
    const { width, height } = await sharp(String(lines[1].picture)).metadata();
    expect(width).toBe(416);
    expect(height).toBeGreaterThan(416 + 3 * 60);
  });

  it.each([
    ['tiles', ['--tile', '64x64'], 'tiles'],
    ['a region', ['--roi', '0,0 0.5,0 0.5,1 0,1'], 'a region of interest'],
  ])('refuses a model that looks at %s, and says what helps instead', async (name, args, looksAt) => {
    const other = join(folder, `${name.replace(' ', '-')}.onnx`);
    const settings = ['--preset', 'tiny', '--epochs', '1', '--no-cache', ...args];
    await csflowJson(['train', data, '--out', other, ...settings]);
    const { stdout, stderr, code } = await csflow(['explain', other, images()[0]]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      `${other}: expected a model that looks at whole pictures, got one that looks at ${looksAt}; ` +
        'its heatmaps (csflow predict --heatmaps) show where the score lies',
    );
  });

  it('tells people what stands out, and the log-determinant when asked', async () => {
    const plain = await csflow(['explain', model, images()[1]]);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/scale 0 +4 × 4 .* %/);
    expect(plain.stdout).toMatch(/region 1 +at \d+,\d+, .* of the score; its features are .* deviations/);
    expect(plain.stdout).not.toContain('bits per dimension');
    const asked = await csflow(['explain', model, images()[1], '--log-det']);
    expect(asked.stdout).toMatch(/log \|det J\| .* nats; with it the score is/);
    expect(asked.stdout).toMatch(/bits per dimension -?\d/);
  });

  it('goes on past what is no image, says so and fails', async () => {
    const text = join(folder, 'notes.png');
    await writeFile(text, 'not a picture');
    const { stdout, stderr, code } = await csflow(['explain', model, text, images()[0], '--json']);
    expect(code).toBe(1);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toContain('1 of 2 images could not be read');
  });

  it('refuses a file that is no model', async () => {
    const { stderr, code } = await csflow(['explain', images()[0], images()[1]]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('expected an ONNX model')]);
  });
});
