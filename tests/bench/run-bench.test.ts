import { expect, it } from 'vitest';
import type { GrowthReport } from '#csflow/bench/growth.js';
import type { MeasuredRow } from '#csflow/bench/row-section.js';
import { runBench } from '#csflow/bench/run-bench.js';
import type { BenchSection } from '#csflow/bench/section.js';

const failing: BenchSection<GrowthReport> = {
  guessedSeconds: 1,
  run: () => Promise.reject(new Error('no more memory')),
};
const finished = { report: {}, peer: 'a peer' } as MeasuredRow;
const row: BenchSection<MeasuredRow> = { guessedSeconds: 1, run: () => Promise.resolve(finished) };

it('gives the tables that were done before one failed, and why', async () => {
  const report = await runBench({ rows: [row], growth: failing });
  expect(report.rows).toEqual([finished.report]);
  expect(report.peer).toBe('a peer');
  expect(report.growth).toBeUndefined();
  expect(report.failure?.message).toBe('no more memory');
});

it('fails where the first table fails', async () => {
  await expect(runBench({ rows: [], growth: failing })).rejects.toThrow('no more memory');
});
