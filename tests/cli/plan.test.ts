import { describe, expect, it } from 'vitest';
import { csflow, csflowJson } from './command.js';

interface Group {
  readonly layers: readonly string[];
  readonly map: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly choice: string;
  readonly tile?: readonly number[];
  readonly products?: Readonly<Record<'positions' | 'rows' | 'inputs' | 'outputs', number>>;
  readonly multiplications_a_sample: number;
  readonly direct_multiplications_a_sample: number;
}

interface Plan {
  readonly program: string;
  readonly batch: number;
  readonly convolutions: readonly Group[];
}

const plansOf = async (...args: readonly string[]): Promise<readonly Plan[]> =>
  (await csflowJson(['info', '--plan', ...args])).plans as readonly Plan[];

describe('info --plan', () => {
  it('shows each program, equal convolutions as one row', async () => {
    const { code, stdout } = await csflow(['info', '--plan', '--preset', 'small']);
    expect(code).toBe(0);
    // Four blocks of two subnets of ten convolutions.
    expect(stdout).toMatch(
      /^training step, batch 16; inference, batch 16: 80 convolutions, [34]\.\d\d times/,
    );
    const rows = stdout.split('\n').filter((line) => /^\d+ +blocks\./.test(line));
    expect(rows).toHaveLength(16);
    expect(rows.reduce((sum, row) => sum + Number.parseInt(row, 10), 0)).toBe(80);
    expect(rows[0]).toMatch(
      /^6 +blocks\.0\.s2\.conv_scale0_0 +12×12 +96 → 64 +3×3 +1 +Winograd F\(\d×\d, 3×3\) +\d\.\d\d +\d+ of \[\d+, 96\] · \[96, 64\]$/,
    );
    expect(rows.find((row) => row.includes('blocks.3.s2.down_conv01'))).toMatch(/F\(\d×\d, 5×5\) by phases/);
    expect(stdout).toContain('inference, batch 1: 80 convolutions, all of them direct');
  });

  it('gives the same to machines, with the name of every layer', async () => {
    const [training, inference, single] = await plansOf('--preset', 'tiny', '--batch', '20');
    expect([training, inference, single].map(({ program, batch }) => [program, batch])).toEqual([
      ['training step', 20],
      ['inference', 20],
      ['inference', 1],
    ]);
    const names = training.convolutions.flatMap(({ layers }) => layers);
    expect(new Set(names).size).toBe(40);
    expect(names).toContain('blocks.1.s1.up_conv21');
    for (const { kernel, tile, products, ...group } of training.convolutions) {
      if (tile === undefined || products === undefined) throw new TypeError('expected Winograd products');
      const positions = tile.map((outputs, axis) =>
        group.stride[axis] === 1 ? outputs + kernel[axis] - 1 : 2 * outputs + kernel[axis] - 2,
      );
      expect(products.positions).toBe(positions[0] * positions[1]);
      expect(products.rows).toBeGreaterThanOrEqual(20);
      expect(products.rows % 20).toBe(0);
      expect(20 * group.multiplications_a_sample).toBe(
        products.positions * products.rows * products.inputs * products.outputs,
      );
    }
    expect(new Set(single.convolutions.map(({ choice }) => choice))).toEqual(new Set(['direct']));
  });

  it('takes another size and other hidden channels', async () => {
    const [{ convolutions }] = await plansOf('--preset', 'tiny', '--size', '256x512', '--hidden', '24');
    expect(convolutions[0]).toMatchObject({ map: [8, 16], inputs: 96, outputs: 24, kernel: [3, 3] });
  });
});
