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
  /** What ended the measuring before all tables were done. */
  readonly failure?: Error;
}

/**
 * Measures table by table. What fails after the first table ends the report instead of losing it.
 * @throws what fails in the first
 */
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
  const others: { features?: FeaturesReport; predict?: PredictReport; growth?: GrowthReport } = {};
  let failure: Error | undefined;
  try {
    for (const row of rows) measured.push(await run(row));
    if (features) others.features = await run(features);
    if (predict) others.predict = await run(predict);
    if (growth) others.growth = await run(growth);
  } catch (error) {
    if (!(error instanceof Error) || before === 0) throw error;
    failure = error;
  }
  const peer = measured.find((row) => row.peer !== undefined)?.peer;
  return {
    rows: measured.map(({ report }) => report),
    ...(peer !== undefined && { peer }),
    ...others,
    ...(failure && { failure }),
  };
}
