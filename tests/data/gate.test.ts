import { describe, expect, it } from 'vitest';
import { gate } from '#csflow/data/index.js';

describe('gate', () => {
  it('lets so many in at a time, in order, and goes on after a failure', async () => {
    const pass = gate(2);
    const entered: number[] = [];
    const leave: (() => void)[] = [];
    const calls = Array.from({ length: 5 }, (_, i) =>
      pass(async () => {
        entered.push(i);
        await new Promise<void>((resolve) => (leave[i] = resolve));
        if (i === 0) throw new Error('no');
        return i;
      }),
    );
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    await settle();
    expect(entered).toEqual([0, 1]);
    leave[0]();
    await expect(calls[0]).rejects.toThrow('no');
    await settle();
    expect(entered).toEqual([0, 1, 2]);
    for (const i of [1, 2, 3, 4]) {
      leave[i]();
      await settle();
    }
    expect(await Promise.all(calls.slice(1))).toEqual([1, 2, 3, 4]);
  });

  it('refuses no place', () => {
    expect(() => gate(0)).toThrow('places: expected an integer of at least 1, got 0');
  });
});
