import { describe, expect, it } from 'vitest';
import { csflow, csflowJson } from './command.js';

interface Group {
  readonly layers: readonly string[];
  readonly map: readonly number[];
  readonly upsampled_from?: readonly number[];
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
    const tables = stdout
      .split('\n\n')
      .filter((text) => /^(training step|inference), batch 16/.test(text))
      .map((text) => text.split('\n'));
    const rowsOf = (table: readonly string[]) => table.filter((line) => /^\d+ +blocks\./.test(line));
    for (const table of tables) {
      // Four blocks of two subnets of ten convolutions.
      expect(table[0]).toMatch(/batch 16: 80 convolutions, [34]\.\d\d times fewer/);
      expect(rowsOf(table).reduce((sum, row) => sum + Number.parseInt(row, 10), 0)).toBe(80);
    }
    expect(tables[0][0]).toMatch(/^training step/);
    const rows = rowsOf(tables[0]);
    expect(rows[0]).toMatch(
      /^6 +blocks\.0\.s2\.conv_scale0_0 +12×12 +96 → 64 +3×3 +1 +Winograd F\(\d×\d, 3×3\) +\d\.\d\d +\d+ of \[\d+, 96\] · \[96, 64\]$/,
    );
    expect(rows.find((row) => row.includes('blocks.0.s2.up_conv21'))).toMatch(
      / 3×3 → 6×6 .* kn2row before upsampling +4\.00 +9 of \[144, 64\] · \[64, 192\]$/,
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
    const choices = new Set(training.convolutions.map(({ choice }) => choice));
    expect(choices).toEqual(new Set(['winograd', 'kn2row']));
    for (const { kernel, tile, products, ...group } of training.convolutions) {
      if (products === undefined) throw new TypeError('expected products');
      const positions = kernel.map((taps, axis) => {
        if (tile === undefined) return taps;
        return group.stride[axis] === 1 ? tile[axis] + taps - 1 : 2 * tile[axis] + taps - 2;
      });
      expect(products.positions).toBe(positions[0] * positions[1]);
      if (tile === undefined) {
        const [height, width] = group.upsampled_from ?? group.map;
        expect(products.rows).toBe(20 * height * width);
      }
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
