import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, folderWithSampleData } from './command.js';

/** The paper's ablations as switches of `train`, seen in the model file. */
let folder: string;
let data: string;
beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 12, test: 2, defects: 1 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small = ['--preset', 'tiny', '--epochs', '1', '--hidden', '2'];

describe('train', () => {
  it.each([
    [['--no-gamma'], { gamma: false, kernels: [3, 3] }],
    [['--blocks', '3'], { gamma: true, kernels: [3, 3, 5] }],
    [['--kernels', '5,1'], { kernels: [5, 1] }],
    [['--clamp', '0'], { clamp: 0 }],
    [['--scales', '1'], { usedScales: [1], cross: 'full' }],
    [['--cross', 'none'], { usedScales: [0, 1, 2], cross: 'none' }],
    [['--cross', 'concat'], { usedScales: [0, 1, 2], cross: 'concat' }],
    [['--map', 'product', '--cross', 'none'], { mapCombination: 'product', cross: 'none' }],
    [['--map', 'max', '--scales', '2'], { mapCombination: 'max', usedScales: [2] }],
  ])('%j', async (switches, expected) => {
    const model = join(folder, `${switches.join('')}.onnx`);
    const options = { cache: join(folder, 'cache') };
    await csflowJson(['train', data, '--out', model, ...small, ...switches], options);
    expect((await csflowJson(['info', model])).configuration).toMatchObject(expected);
  });

  it.each([
    [['--blocks', 'x'], 'expected a whole number from 1, got x'],
    [['--kernels', '3,,3'], 'expected a whole number from 1, got '],
    [['--kernels', '4'], 'kernels: expected odd kernel sides up to 11, got 4'],
    [['--blocks', '2', '--kernels', '3,5'], 'blocks: expected either blocks or kernels, got both'],
    [['--scales', '2', '--cross', 'none'], 'cross: expected full where only one scale is used'],
    [['--map', 'median'], 'Allowed choices are finest, mean, product, max'],
    [['--cross', 'some'], 'Allowed choices are full, none, concat'],
  ])('%j is refused', async (switches, message) => {
    const { code, stderr } = await csflow(['train', data, '--out', join(folder, 'no.onnx'), ...switches]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
