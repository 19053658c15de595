import { describe, expect, it } from 'vitest';
import { lawSeconds } from '#csflow/bench/growth-law.js';
import { defaultGrowth, growthAround, type GrowthPlan } from '#csflow/bench/growth-plan.js';
import { growthSection } from '#csflow/bench/growth.js';
import { fitRelative, fittedExponent, relativeErrors } from '#csflow/bench/least-squares.js';
import { showRow, type BenchRow } from '#csflow/bench/rows.js';
import { runBench } from '#csflow/bench/run-bench.js';
import { checkConfiguration } from '#csflow/csflow/index.js';
import { configurationOf } from '#csflow/bench/rows.js';
import { growthJson, growthText } from '#csflow/cli/growth-report.js';

describe('least squares of relative errors', () => {
  const equation = (terms: readonly number[], weights: readonly number[]) => ({
    terms,
    seconds: terms.reduce((sum, term, i) => sum + term * weights[i], 0),
  });

  it('finds the weights that made the sums', () => {
    const made = [
      [1, 5],
      [1, 7],
      [1, 100],
      [2, 3],
    ].map((terms) => equation(terms, [2, 0.5]));
    const found = fitRelative(made);
    expect(found[0]).toBeCloseTo(2, 9);
    expect(found[1]).toBeCloseTo(0.5, 9);
    expect(Math.max(...relativeErrors(made, found))).toBeLessThan(1e-12);
  });

  it('counts an error by its share: the same factor off in a small and in a large one weighs the same', () => {
    const [weight] = fitRelative([
      { terms: [1], seconds: 1 },
      { terms: [1000], seconds: 2000 },
    ]);
    // The minimum of (w − 1)² + (w/2 − 1)²; by absolute errors it would be close to 2.
    expect(weight).toBeCloseTo(1.2, 12);
  });

  it('leaves out what would be negative', () => {
    const made = [
      [1, 5],
      [1, 7],
      [1, 100],
    ].map((terms) => equation(terms, [-1, 2]));
    const [first, second] = fitRelative(made);
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(1.7);
  });

  it('refuses what does not tell the weights apart', () => {
    expect(() => fitRelative([equation([1, 2], [1, 1]), equation([2, 4], [1, 1])])).toThrow(
      'tell the terms apart',
    );
  });

  it('finds the power of a growth', () => {
    expect(
      fittedExponent([
        [1, 3],
        [2, 3 * 2 ** 1.5],
        [8, 3 * 8 ** 1.5],
      ]),
    ).toBeCloseTo(1.5, 12);
  });
});

describe('growth of a step', () => {
  const plan: GrowthPlan = {
    base: { channels: 4, side: 8, hidden: 4, batch: 2 },
    sweeps: { batch: [1, 2, 4], side: [4, 8, 16], hidden: [2, 4, 8, 16] },
  };
  const weights = { step: 1e-3, perParameter: 1e-9, perProduct: 2e-9, perValue: 3e-8 };
  /** Linear in the hidden width, as those of the flow are. */
  const parameters = ({ hidden }: BenchRow): number => 1000 * hidden + 50;
  const seconds = (row: BenchRow): number => {
    const { channels, hidden, batch, mapSize } = row;
    const positions = batch * mapSize[0] * mapSize[1];
    return (
      weights.step +
      weights.perParameter * parameters(row) +
      positions * (weights.perProduct * channels * hidden + weights.perValue * (channels + hidden))
    );
  };

  async function measured() {
    const calls: string[] = [];
    const shares: number[] = [];
    const growth = growthSection(plan, {
      repeats: 2,
      threads: 1,
      backend: 'cpu',
      measure: (row) => {
        calls.push(showRow(row));
        return Promise.resolve({ parameters: parameters(row), seconds: seconds(row) });
      },
    });
    const report = await runBench(
      { rows: [], growth },
      { onProgress: ({ share }) => void shares.push(share) },
    );
    return { calls, shares, report: report.growth! };
  }

  it('measures each size once a turn, the one that all sweeps share too, and two beside them', async () => {
    const { calls, shares } = await measured();
    expect(new Set(calls).size).toBe(10);
    expect(calls.slice(0, 10)).toEqual(calls.slice(10));
    expect(calls).toHaveLength(20);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('finds the law behind the times', async () => {
    const { report } = await measured();
    expect(report.points).toHaveLength(10);
    for (const [name, weight] of Object.entries(weights)) {
      expect(report.law[name as keyof typeof weights] / weight).toBeCloseTo(1, 6);
    }
    expect(report.law.largestError).toBeLessThan(1e-9);
    const [point] = report.points;
    expect(lawSeconds(report.law, point) / point.seconds).toBeCloseTo(1, 9);
  });

  it('tells exponents between the last two points and over all from the base on', async () => {
    const { report } = await measured();
    const [batch, area, hidden] = report.law.exponents;
    expect([batch.from, area.from, hidden.from]).toEqual([2, 8, 4]);
    // Two points from the base on: both are the same there, and below 1, since a part does not grow.
    for (const { lastTwo, fitted } of [batch, area]) {
      expect(fitted).toBeCloseTo(lastTwo, 12);
      expect(lastTwo).toBeGreaterThan(0);
      expect(lastTwo).toBeLessThan(1);
    }
    expect(hidden.fitted).toBeLessThan(hidden.lastTwo);
  });

  it('is told in JSON and in text', async () => {
    const { report } = await measured();
    const json = growthJson(report);
    expect(json.points[0]).toMatchObject({ varied: 'batch', value: 1 });
    expect(json.exponents.area).toMatchObject({ from: 8 });
    const text = growthText(report);
    expect(text).toMatch(/C 4, map 8×8, hidden 4, batch 2 where not varied; medians of 2 turns/);
    expect(text).toMatch(
      /law: 1 ms \+ 1 ns · parameters \+ A · \(2 ns · C · hidden \+ 30 ns · \(C \+ hidden\)\)/,
    );
    expect(text).toMatch(
      /the area to the power [\d.]+ between the last two points, [\d.]+ over all from side 8 on/,
    );
  });

  it('has sizes that can be built', () => {
    const { base, sweeps } = defaultGrowth;
    for (const side of sweeps.side) {
      const shape = { ...base, mapSize: [side, side] as const };
      expect(() => checkConfiguration(configurationOf(shape))).not.toThrow();
    }
    for (const [varied, values] of Object.entries(sweeps)) {
      expect(values).toContain(base[varied as keyof typeof sweeps]);
    }
    const own = growthAround({ channels: 8, mapSize: [4, 4], hidden: 8, batch: 1 });
    expect(own.sweeps).toEqual({ batch: [1, 2, 4], side: [4, 8, 12], hidden: [8, 16, 32] });
    expect(() => growthAround({ channels: 8, mapSize: [4, 8], hidden: 8, batch: 1 })).toThrow(
      'growth: expected a square map, got 4×8',
    );
  });
});
