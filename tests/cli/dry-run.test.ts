import { access, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, temporaryFolder } from './command.js';

let folder: string;
let data: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  data = join(folder, 'data');
  await csflowJson(['sample-data', data, '--size', '128', '--train', '20', '--test', '2', '--defects', '1']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const settings = ['--preset', 'tiny', '--epochs', '1', '--no-cache'];

describe('train --dry-run', () => {
  it('tells sizes, memory and time, and writes nothing', async () => {
    const model = join(folder, 'parts.onnx');
    const forecast = await csflowJson(['train', data, '--out', model, ...settings, '--dry-run']);
    await expect(access(model)).rejects.toThrow();
    expect(forecast).toMatchObject({
      training_images: 17,
      calibration_images: 3,
      epochs: 1,
      steps_per_epoch: 2,
    });
    for (const key of [
      'seconds_per_image',
      'seconds_per_step',
      'peak_memory_bytes',
      'available_memory_bytes',
    ]) {
      expect(forecast[key], key).toBeGreaterThan(0);
    }
    await csflowJson(['train', data, '--out', model, ...settings]);
    const { size } = await stat(model);
    expect(Number(forecast.model_bytes) / size).toBeGreaterThan(0.9);
    expect(Number(forecast.model_bytes) / size).toBeLessThan(1.1);
  });

  it('shortens the schedule to the minutes given', async () => {
    const args = [
      'train',
      data,
      '--out',
      join(folder, 'm.onnx'),
      '--preset',
      'tiny',
      '--no-cache',
      '--dry-run',
    ];
    const long = await csflowJson([...args, '--epochs', '100000']);
    const short = await csflowJson([...args, '--epochs', '100000', '--minutes', '0.1']);
    expect(long.epochs).toBe(100000);
    expect(short.epochs).toBeLessThan(100000);
    const inAll = ({ seconds }: Record<string, unknown>): number => Number(seconds);
    expect(inAll(short)).toBeLessThan(60);
    expect(inAll(long)).toBeGreaterThan(inAll(short));
  });

  it.each([128, 768])(
    'forecasts the memory of a training at %i pixels',
    { timeout: 120_000 },
    async (size) => {
      const args = [
        'train',
        data,
        '--out',
        join(folder, `${size}.onnx`),
        '--size',
        String(size),
        ...settings,
      ];
      const small = ['--hidden', '8', '--blocks', '1', '--batch', '1'];
      const forecast = await csflowJson([...args, ...small, '--dry-run']);
      const before = process.env.NODE_OPTIONS;
      process.env.NODE_OPTIONS = `--import=${pathToFileURL(join(import.meta.dirname, 'tell-memory.mjs')).href}`;
      const { code, stderr } = await csflow([...args, ...small]).finally(() => {
        if (before === undefined) delete process.env.NODE_OPTIONS;
        else process.env.NODE_OPTIONS = before;
      });
      expect(code).toBe(0);
      const measured = 1024 * Number(/peak resident memory (\d+) KiB/.exec(stderr)?.[1]);
      const ratio = Number(forecast.peak_memory_bytes) / measured;
      expect(ratio).toBeGreaterThan(0.65);
      expect(ratio).toBeLessThan(1.35);
    },
  );

  it('refuses what cannot fit and proposes what does', async () => {
    const out = join(folder, 'no.onnx');
    const args = ['train', data, '--out', out, ...settings, '--hidden', '3000000', '--dry-run'];
    const { code, stderr } = await csflow(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /memory: expected at most the [\d.]+ GB that are free, this training takes about [\d.]+ GB; --batch 8 --hidden 512 will fit/,
    );
  });
});
