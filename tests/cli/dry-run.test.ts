import { access, cp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '#csflow/errors.js';
import { train } from '#csflow/inspector/train.node.js';
import { createWorkerDevice } from '#csflow/runtime/worker-device.node.js';
import { csflow, csflowJson, folderWithSampleData } from './command.js';

let folder: string;
let data: string;
beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 20, test: 2, defects: 1 }));
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
      'uncached_images',
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

  /** The peak resident memory that `csflow` with these arguments has, in bytes. */
  async function peakOf(args: readonly string[], cache?: string): Promise<number> {
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = `--import=${pathToFileURL(join(import.meta.dirname, 'tell-memory.mjs')).href}`;
    const { code, stderr } = await csflow(args, { cache }).finally(() => {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    });
    expect(code).toBe(0);
    return 1024 * Number(/peak resident memory (\d+) KiB/.exec(stderr)?.[1]);
  }

  it.each([128, 768])(
    'forecasts the memory of a training at %i pixels, cached features or not',
    { timeout: 120_000 },
    async (size) => {
      const model = join(folder, `${size}.onnx`);
      const small = ['--preset', 'tiny', '--epochs', '1', '--hidden', '8', '--blocks', '1', '--batch', '1'];
      const args = ['train', data, '--out', model, '--size', String(size), ...small];
      const cache = join(folder, `cache-${size}`);
      const forecasts: number[] = [];
      for (const cached of [false, true]) {
        const forecast = await csflowJson([...args, '--dry-run'], { cache });
        expect(forecast.uncached_images).toBe(cached ? 0 : 20);
        if (cached) expect(forecast.seconds_per_image).toBe(0);
        else expect(forecast.seconds_per_image).toBeGreaterThan(0);
        const ratio = Number(forecast.peak_memory_bytes) / (await peakOf(args, cache));
        expect(ratio).toBeGreaterThan(0.65);
        expect(ratio).toBeLessThan(1.35);
        forecasts.push(Number(forecast.peak_memory_bytes));
      }
      if (size === 768) expect(forecasts[1]).toBeLessThan(0.8 * forecasts[0]);
    },
  );

  it('counts only the pictures whose features are not cached', async () => {
    const [cache, own] = [join(folder, 'cache-some'), join(folder, 'some')];
    await cp(data, own, { recursive: true });
    const args = ['train', own, '--out', join(folder, 'some.onnx'), '--preset', 'tiny', '--epochs', '1'];
    await csflowJson(args, { cache });
    const good = join(own, 'train', 'good');
    const [first, second] = (await readdir(good)).sort();
    for (const [i, name] of [first, second].entries()) {
      await sharp(join(data, 'train', 'good', name))
        .negate()
        .toFile(join(good, i === 0 ? 'new.png' : name));
    }
    const forecast = await csflowJson([...args, '--dry-run'], { cache });
    expect(forecast).toMatchObject({ uncached_images: 2 });
    const other = await csflowJson([...args, '--dry-run', '--size', '256'], { cache });
    expect(other).toMatchObject({ uncached_images: 21 });
    const { stdout } = await csflow([...args, '--dry-run'], { cache });
    expect(stdout).toMatch(/features .*those of 19 more are cached/);
  });

  it.each([['--dry-run'], []])('refuses what cannot fit and proposes what does %s', async (...dryRun) => {
    const out = join(folder, 'no.onnx');
    const args = ['train', data, '--out', out, ...settings, '--hidden', '3000000', ...dryRun];
    const { code, stderr } = await csflow(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /memory: expected at most [\d.]+ GB \(what is free, or given\), this training takes about [\d.]+ GB; --hidden 512 will fit/,
    );
  });

  it('takes no more than it is told it may', async () => {
    const args = ['train', data, '--out', join(folder, 'no.onnx'), ...settings];
    const { code, stderr } = await csflow([...args, '--memory', '0.1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/memory: expected at most 0\.10 GB .*no smaller settings that were tried fit/);
  });

  it(
    'a training with the settings that are proposed stays below the memory',
    { timeout: 120_000 },
    async () => {
      const available = 0.75e9;
      const refused = { preset: 'small', size: [512, 512] as const, hidden: 512, epochs: 1, seed: 0 };
      const device = createWorkerDevice();
      const proposal = await train({ ...refused, data, device, availableMemory: available })
        .then(() => undefined, messageOf)
        .finally(() => device.close());
      const options = /; (--.*) will fit$/.exec(proposal ?? '')?.[1].split(' ') ?? [];
      expect(options.length).toBeGreaterThan(0);
      const given = ['--preset', 'small', '--size', '512', '--hidden', '512', '--epochs', '1', '--no-cache'];
      const out = join(folder, 'fits.onnx');
      expect(
        await peakOf(['train', data, '--out', out, ...withoutRepeats([...given, ...options])]),
      ).toBeLessThan(available);
    },
  );
});

/** Options and their values, each option once: the last. */
function withoutRepeats(args: readonly string[]): readonly string[] {
  const values = new Map<string, readonly string[]>();
  let name = '';
  for (const arg of args) {
    if (arg.startsWith('--')) values.set((name = arg), []);
    else values.set(name, [...(values.get(name) ?? []), arg]);
  }
  return [...values].flatMap(([option, own]) => [option, ...own]);
}
