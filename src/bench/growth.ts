import type { Backend } from '../runtime/session.js';
import { fitGrowth, type GrowthLaw, type GrowthPoint, type MeasuredShape } from './growth-law.js';
import { cornersOf, variedSizes, type GrowthPlan, type GrowthShape } from './growth-plan.js';
import { measureOwn } from './own.js';
import { guessedSeconds, showRow, trains, type BenchRow } from './rows.js';
import type { BenchSection } from './section.js';
import { median } from './statistics.js';

export interface GrowthOptions {
  /** How often each size is measured; the median counts. */
  readonly repeats: number;
  readonly threads: number;
  readonly backend: Backend;
  /** Times a row, in seconds of one step; default: a process of its own. */
  readonly measure?: (row: BenchRow, signal?: AbortSignal) => Promise<Timed>;
}

interface Timed {
  readonly parameters: number;
  readonly seconds: number;
}

export interface GrowthReport {
  readonly plan: GrowthPlan;
  readonly repeats: number;
  readonly points: readonly GrowthPoint[];
  /** Beside the sweeps, for the law alone. */
  readonly corners: readonly MeasuredShape[];
  readonly law: GrowthLaw;
}

const rowOf = ({ channels, side, hidden, batch }: GrowthShape): BenchRow => ({
  channels,
  mapSize: [side, side],
  hidden,
  batch,
  repeats: 1,
  runs: 3,
  inference: false,
});

/** How the time of a training step grows: every size `repeats` times, the sizes in turns. */
export function growthSection(plan: GrowthPlan, options: GrowthOptions): BenchSection<GrowthReport> {
  const { repeats, measure = inOwnProcess(options) } = options;
  const sweeps = variedSizes.flatMap((varied) =>
    plan.sweeps[varied].map((value) => ({ varied, value, shape: { ...plan.base, [varied]: value } })),
  );
  const corners = cornersOf(plan);
  // The base is a point of each sweep and is measured once.
  const shapes = [...sweeps.map(({ shape }) => shape), ...corners];
  const rows = new Map(shapes.map(rowOf).map((row) => [showRow(row), row]));
  const guess = (row: BenchRow): number => guessedSeconds(row, trains);
  return {
    guessedSeconds: repeats * [...rows.values()].reduce((sum, row) => sum + guess(row), 0),
    async run(ended, signal) {
      const runs = new Map<string, Timed[]>();
      for (let turn = 0; turn < repeats; turn++) {
        for (const [name, row] of rows) {
          runs.set(name, [...(runs.get(name) ?? []), await measure(row, signal)]);
          ended(`growth: ${name}`, guess(row));
        }
      }
      const measured = (shape: GrowthShape): MeasuredShape => {
        const turns = runs.get(showRow(rowOf(shape)))!;
        const seconds = median(turns.map((timed) => timed.seconds));
        return { shape, parameters: turns[0].parameters, seconds };
      };
      const points = sweeps.map((point) => ({ ...point, ...measured(point.shape) }));
      const beside = corners.map(measured);
      return { plan, repeats, points, corners: beside, law: fitGrowth(plan, points, beside) };
    },
  };
}

const inOwnProcess =
  ({ threads, backend }: GrowthOptions): NonNullable<GrowthOptions['measure']> =>
  async (row, signal) => {
    const request = { row, does: 'training', threads, backend } as const;
    const { parameters, train_step_s } = await measureOwn(request, signal);
    if (train_step_s === undefined)
      throw new TypeError('train_step_s: expected in the measurement, got none');
    return { parameters, seconds: train_step_s.median };
  };
