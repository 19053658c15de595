import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floatsOf, writeSafetensors } from '#csflow/tensor/safetensors.js';
import { formulaWeights } from '../backbone/formula-weights.js';
import { csflow, csflowJson, folderWithSampleData } from './command.js';

/** A net whose weights do not come with the package. */
const choice = { name: 'efficientnet-b0', layer: 14 } as const;
let folder: string;
let data: string;
const cache = () => ({ cache: join(folder, 'cache') });
const train = (...more: readonly string[]): string[] => [
  'train',
  data,
  '--out',
  join(folder, 'parts.onnx'),
  '--preset',
  'tiny',
  '--epochs',
  '2',
  '--backbone',
  choice.name,
  ...more,
];

beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 10, test: 2, defects: 2 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('--backbone-weights', () => {
  it('gives a model file that holds the backbone, with where it is from', async () => {
    const file = join(folder, 'b0.safetensors');
    const weights = formulaWeights(choice, 1.4);
    const floats = [...weights.tensors.keys()].map((name) => [name, floatsOf(weights, name)] as const);
    await writeFile(file, writeSafetensors(new Map(floats), { source: 'a formula', licence: 'CC0' }));
    await csflowJson(train('--backbone-weights', file), cache());
    await rm(file);

    const model = join(folder, 'parts.onnx');
    const image = join(data, 'test', 'good', '000.png');
    expect(await csflowJson(['predict', model, image])).toMatchObject({
      score: expect.any(Number) as number,
    });
    expect(await csflowJson(['evaluate', model, data])).toMatchObject({ good: 2 });
    expect(await csflowJson(['info', model])).toMatchObject({
      configuration: { backbone: choice, channels: 192 },
      source: {
        backbone: 'a formula',
        licence: 'CC0',
        weightsDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    });
  });

  it('is asked for where the weights do not come with csflow', async () => {
    const { code, stderr } = await csflow(train(), cache());
    expect(code).toBe(1);
    expect(stderr).toContain('--backbone-weights FILE: efficientnet-b0-355c32eb.pth');
  });
});
