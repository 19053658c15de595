import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mapConcurrently } from '#csflow/data/map-concurrently.js';

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

it('yields in the order of the input and never runs more than the bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { maxLength: 25 }),
      fc.integer({ min: 1, max: 6 }),
      async (delays, bound) => {
        let running = 0;
        let most = 0;
        const results = mapConcurrently(delays, bound, async (delay, index) => {
          most = Math.max(most, ++running);
          for (let i = 0; i < delay; i++) await Promise.resolve();
          running--;
          return index;
        });
        expect(await collect(results)).toEqual(delays.map((_, i) => i));
        expect(most).toBeLessThanOrEqual(bound);
        if (delays.length >= bound && delays.every((delay) => delay > 0)) expect(most).toBe(bound);
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

it('runs ahead of a slow consumer by the bound and no further', async () => {
  const started: number[] = [];
  const results = mapConcurrently([0, 1, 2, 3, 4, 5], 2, (item) => started.push(item));
  await results.next();
  await nextTurn();
  expect(started).toEqual([0, 1, 2]);
  await results.return();
  expect(started).toEqual([0, 1, 2]);
});

it('throws a failure at its turn, a synchronous one too', async () => {
  const seen: number[] = [];
  const failing = async () => {
    const results = mapConcurrently([1, 2, 3, 4], 4, (item) => {
      if (item === 3) throw new Error('third');
      return item;
    });
    for await (const result of results) seen.push(result);
  };
  await expect(failing()).rejects.toThrow('third');
  expect(seen).toEqual([1, 2]);
});

it('leaves no unhandled rejection when the consumer stops early', async () => {
  const results = mapConcurrently([0, 1, 2, 3], 4, async (item) => {
    await nextTurn();
    if (item > 0) throw new Error(`failure ${item}`);
    return item;
  });
  for await (const result of results) {
    expect(result).toBe(0);
    break;
  }
  await nextTurn();
  await nextTurn();
  expect(unhandled).toEqual([]);
});

it('stops at once on abort, with its reason, and starts nothing more', async () => {
  const controller = new AbortController();
  let started = 0;
  const results = mapConcurrently(
    [1, 2, 3, 4],
    2,
    (_, __, signal) => {
      expect(signal).toBe(controller.signal);
      started++;
      return new Promise<void>(() => {});
    },
    controller.signal,
  );
  const next = results.next();
  await nextTurn();
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  expect(started).toBe(2);

  const aborted = mapConcurrently([1], 1, () => started++, controller.signal);
  await expect(aborted.next()).rejects.toThrow('enough');
  expect(started).toBe(2);
});

it.each([0, -1, 1.5, Number.NaN])('refuses a concurrency of %s', async (concurrency) => {
  await expect(collect(mapConcurrently([1], concurrency, (x) => x))).rejects.toThrow(RangeError);
});
