import { checkConfiguration, type FlowConfiguration } from '../csflow/index.js';

/** One size of CS-Flow that is measured. */
export interface BenchRow {
  readonly channels: number;
  readonly mapSize: readonly [height: number, width: number];
  readonly hidden: number;
  readonly batch: number;
  /** How often csflow and the peer take turns. */
  readonly repeats: number;
  /** Runs that are timed in each process, after two that warm up. */
  readonly runs: number;
  /** Whether inference is measured too. */
  readonly inference: boolean;
}

export const rowSets = ['quick', 'all', 'none'] as const;
export type RowSet = (typeof rowSets)[number];

type Shape = Pick<BenchRow, 'channels' | 'mapSize' | 'hidden' | 'batch'>;

const shape = (channels: number, side: number, hidden: number, batch: number): Shape => ({
  channels,
  mapSize: [side, side],
  hidden,
  batch,
});

/** EfficientNet-Lite0 at 384² first, the paper's size last. */
const all: readonly BenchRow[] = [
  { ...shape(192, 12, 64, 16), repeats: 5, runs: 5, inference: true },
  { ...shape(192, 16, 128, 16), repeats: 5, runs: 5, inference: true },
  { ...shape(304, 8, 256, 16), repeats: 5, runs: 5, inference: true },
  { ...shape(304, 24, 128, 8), repeats: 5, runs: 3, inference: true },
  { ...shape(304, 24, 1024, 4), repeats: 3, runs: 1, inference: true },
  { ...shape(304, 24, 1024, 16), repeats: 3, runs: 1, inference: false },
];

export function rowsOf(set: RowSet): readonly BenchRow[] {
  switch (set) {
    case 'quick':
      return [{ ...all[0], repeats: 3, runs: 3 }];
    case 'all':
      return all;
    case 'none':
      return [];
  }
}

/** A row of the user's own; a shape out of bounds is a `UsageError`. */
export function customRow(wanted: Shape): BenchRow {
  checkConfiguration(configurationOf(wanted));
  return { ...wanted, repeats: 3, runs: 3, inference: true };
}

/** The flow of a row: the kernels and the clamp of the paper. */
export function configurationOf({ channels, mapSize, hidden }: Shape): FlowConfiguration {
  return { channels, mapSize, hidden, kernels: [3, 3, 3, 5], clamp: 3, gamma: true };
}

export function showRow({ channels, mapSize, hidden, batch }: Shape): string {
  return `C ${channels}, map ${mapSize.join('×')}, hidden ${hidden}, batch ${batch}`;
}

/** Multiplications of one sample's forward pass, per position, channel and hidden channel. */
const multiplications = 367;
/** What a core pair does in a second, roughly: only the share of the whole matters. */
const flopsPerSecond = 3e11;
const startSeconds = 3;

/** What a process that is guessed at does. */
export const trains = { training: true, inference: false };

/** A guess at the seconds of one process that trains, infers or both; for the time left. */
export function guessedSeconds(row: BenchRow, does: { training: boolean; inference: boolean }): number {
  const { channels, mapSize, hidden, batch, runs } = row;
  const forward =
    (2 * multiplications * mapSize[0] * mapSize[1] * channels * hidden * batch) / flopsPerSecond;
  const each = (does.training ? 3 * forward : 0) + (does.inference ? forward * (1 + 1 / batch) : 0);
  return startSeconds + each * (runs + 2);
}
