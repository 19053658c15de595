import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf, UserError } from '#csflow/errors.js';
import { forecastTraining } from '#csflow/inspector/forecast.node.js';
import { train, type TrainOptions } from '#csflow/inspector/train.node.js';
import type { Device, Results, Session } from '#csflow/runtime/session.js';
import { floatTensor } from '#csflow/tensor/tensor.js';
import { mostStepMemory, stepMemory } from '#csflow/training/index.js';
import { folderWithSampleData } from '../cli/command.js';

let folder: string;
let data: string;
beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 20, test: 2, defects: 1 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A device that computes nothing: what fits is decided by counting alone. */
function idleDevice(lanes: number): Device & { readonly compiled: () => number } {
  let compiled = 0;
  const empty = floatTensor([0], []);
  const session: Session = {
    inputNames: [],
    outputNames: [],
    run: (): Promise<Results> => Promise.resolve({ f0: empty, f1: empty, f2: empty }),
    close: () => Promise.resolve(),
  };
  const compile = (): Promise<Session> => {
    compiled++;
    return Promise.resolve(session);
  };
  return {
    lanes,
    createBuffer: () => Promise.resolve(),
    dropBuffer: () => Promise.resolve(),
    readBuffer: () => Promise.resolve(new Float32Array(0)),
    compile,
    compileParallel: compile,
    close: () => Promise.resolve(),
    compiled: () => compiled,
  };
}

type Wanted = Pick<TrainOptions, 'preset' | 'size' | 'hidden' | 'batch'> & { readonly lanes: number };

const optionsOf = (available: number, { lanes, ...wanted }: Wanted): TrainOptions => ({
  data,
  seed: 0,
  availableMemory: available,
  device: idleDevice(lanes),
  ...wanted,
});

/** What the message of a refusal proposes; undefined where it proposes nothing. */
function proposalIn(message: string, wanted: Wanted): Wanted | undefined {
  const options = /; (--.*) will fit$/.exec(message)?.[1].split(' ');
  if (options === undefined) return undefined;
  const values = new Map(
    options.flatMap((name, i) => (i % 2 === 0 ? [[name, options[i + 1]] as const] : [])),
  );
  const numberOf = (name: string, usual: number | undefined): number | undefined =>
    values.has(name) ? Number(values.get(name)) : usual;
  const known = ['--size', '--batch', '--hidden', '--threads'];
  expect([...values.keys()].filter((name) => !known.includes(name))).toEqual([]);
  const [height, width] = values.get('--size')?.split('x').map(Number) ?? wanted.size ?? [128, 128];
  return {
    ...wanted,
    size: [height, width],
    batch: numberOf('--batch', wanted.batch),
    hidden: numberOf('--hidden', wanted.hidden),
    lanes: numberOf('--threads', wanted.lanes) ?? 1,
  };
}

const large: Wanted = { preset: 'tiny', size: [768, 512], hidden: 512, batch: 16, lanes: 4 };

describe('a training that does not fit', () => {
  it.each([0.45e9, 0.6e9, 0.8e9, 1.1e9])(
    'is refused with settings that do, of %i bytes',
    { timeout: 60_000 },
    async (available) => {
      const options = optionsOf(available, large);
      const message = await forecastTraining(options).then(() => 'accepted', messageOf);
      expect(message).toMatch(
        /^memory: expected at most [\d.]+ GB \(what is free, or given\), this training takes/,
      );
      const proposal = proposalIn(message, large);
      if (proposal === undefined) throw new Error(message);
      const { peakMemory } = await forecastTraining(optionsOf(available, proposal));
      expect(peakMemory).toBeLessThan(available);
      expect(await train(options).catch(messageOf)).toBe(message);
      expect((options.device as ReturnType<typeof idleDevice>).compiled()).toBe(0);
    },
  );

  it('gives up more where there is less memory', { timeout: 60_000 }, async () => {
    const proposals: string[] = [];
    for (const available of [0.45e9, 1.1e9]) {
      const error = await forecastTraining(optionsOf(available, large)).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(UserError);
      proposals.push(messageOf(error));
    }
    expect(proposals[0]).toMatch(/--size /);
    expect(proposals[1]).not.toMatch(/--size /);
  });

  it('says where nothing that was tried fits, and what the least takes', async () => {
    const message = await forecastTraining(optionsOf(0.1e9, large)).catch(messageOf);
    expect(message).toMatch(
      /; no smaller settings that were tried fit: even --size 128x128 --batch 1 --hidden 16 --threads 1 takes about 0\.\d+ GB\. Free memory, or learn from fewer pictures/,
    );
    expect(message).not.toContain('will fit');
  });
});

describe('the memory of a step by rule of thumb', () => {
  const shape = { clamp: 3, gamma: true, usedScales: [0, 1, 2] };
  it.each([
    [96, 4, 16, [3, 3], 16],
    [192, 12, 64, [3, 3, 3, 5], 16],
    [192, 12, 64, [7], 1],
    [304, 8, 256, [3, 5], 3],
    [96, 24, 16, [3], 16],
    [96, 12, 16, [1], 16],
    [64, 8, 32, [1, 1, 1, 1], 1],
  ] as const)(
    'is above what is counted: %i channels, side %i, hidden %i',
    (channels, side, hidden, kernels, batch) => {
      const ways = [
        { cross: 'full' },
        { cross: 'none' },
        { cross: 'concat' },
        { cross: 'none', usedScales: [0] },
        { cross: 'full', usedScales: [1, 2] },
      ] as const;
      for (const way of ways) {
        const configuration = {
          ...shape,
          channels,
          mapSize: [side, side] as const,
          hidden,
          kernels,
          ...way,
        };
        const counted = stepMemory(configuration, batch, 2 * batch + 1);
        const most = mostStepMemory(configuration, batch, 2 * batch + 1);
        expect(most).toBeGreaterThan(counted);
        expect(most).toBeLessThan(8 * counted + 40e6);
      }
    },
  );
});
