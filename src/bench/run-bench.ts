import type { FeaturesReport } from './features-section.js';
import type { GrowthReport } from './growth.js';
import type { PredictReport } from './predict-section.js';
import type { RowReport } from './row-report.js';
import type { MeasuredRow } from './row-section.js';
import type { BenchSection } from './section.js';

/** The tables that are wanted, in the order in which they are measured. */
export interface BenchTables {
  readonly rows: readonly BenchSection<MeasuredRow>[];
  readonly features?: BenchSection<FeaturesReport>;
  readonly predict?: BenchSection<PredictReport>;
  readonly growth?: BenchSection<GrowthReport>;
}

export interface BenchOptions {
  /** A process has ended; `share` of the whole is done, by a guess at what each takes. */
  readonly onProgress?: (now: { readonly what: string; readonly share: number }) => void;
  readonly signal?: AbortSignal;
}

export interface BenchReport {
  readonly rows: readonly RowReport[];
  /** Name and version of the peer of the rows. */
  readonly peer?: string;
  readonly features?: FeaturesReport;
  readonly predict?: PredictReport;
  readonly growth?: GrowthReport;
}

/** Measures table by table. */
export async function runBench(
  { rows, features, predict, growth }: BenchTables,
  { onProgress, signal }: BenchOptions = {},
): Promise<BenchReport> {
  const sections = [...rows, features, predict, growth].filter((section) => section !== undefined);
  const whole = sections.reduce((sum, { guessedSeconds }) => sum + guessedSeconds, 0);
  let before = 0;
  async function run<T>({ guessedSeconds, run: measure }: BenchSection<T>): Promise<T> {
    let within = 0;
    let last = '';
    const ended = (what: string, seconds: number): void => {
      last = what;
      // More runs than foreseen may come: the last share is kept for the end.
      within = Math.min(0.99 * guessedSeconds, within + seconds);
      onProgress?.({ what, share: (before + within) / whole });
    };
    const report = await measure(ended, signal);
    before += guessedSeconds;
    onProgress?.({ what: last, share: before / whole });
    return report;
  }
  const measured: MeasuredRow[] = [];
  for (const row of rows) measured.push(await run(row));
  const peer = measured.find((row) => row.peer !== undefined)?.peer;
  return {
    rows: measured.map(({ report }) => report),
    ...(peer !== undefined && { peer }),
    ...(features && { features: await run(features) }),
    ...(predict && { predict: await run(predict) }),
    ...(growth && { growth: await run(growth) }),
  };
}
