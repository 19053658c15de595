import { UsageError } from '../errors.js';
import { customRow } from './rows.js';

export const variedSizes = ['batch', 'side', 'hidden'] as const;
export type Varied = (typeof variedSizes)[number];

export interface GrowthShape {
  readonly channels: number;
  /** Height and width of the map at scale 0, a multiple of 4. */
  readonly side: number;
  readonly hidden: number;
  readonly batch: number;
}

/** One size is varied at a time, the others are those of `base`. */
export interface GrowthPlan {
  readonly base: GrowthShape;
  /** Ascending. */
  readonly sweeps: Readonly<Record<Varied, readonly number[]>>;
}

/**
 * Sizes beside the sweeps, for the law alone. Parameters and products both grow linearly with the hidden width: as long as
 * only one size is varied, no law can tell a parameter's time from a position's.
 */
export function cornersOf({ base, sweeps }: GrowthPlan): readonly GrowthShape[] {
  const wide = { ...base, hidden: sweeps.hidden.at(-1)! };
  const batches = [sweeps.batch[0], sweeps.batch.at(-1)!].filter((batch) => batch !== base.batch);
  return batches.map((batch) => ({ ...wide, batch }));
}

/**
 * Sides 12, 24, 36 and 48 are multiples of the largest tile, 6, which the others are not; 20 and 28 are multiples of 4
 * alone, the least that a map needs.
 */
export const defaultGrowth: GrowthPlan = {
  base: { channels: 192, side: 12, hidden: 64, batch: 8 },
  sweeps: {
    batch: [1, 2, 4, 8, 16, 32],
    side: [4, 8, 12, 16, 20, 24, 28, 32, 36, 48],
    hidden: [16, 32, 64, 128, 256, 512],
  },
};

/** One, two and three or four times the sizes of a shape of the user's own; a map that is not square is a `UsageError`. */
export function growthAround(wanted: Parameters<typeof customRow>[0]): GrowthPlan {
  const { channels, mapSize, hidden, batch } = customRow(wanted);
  const [side, width] = mapSize;
  if (side !== width) throw new UsageError(`growth: expected a square map, got ${side}×${width}`);
  const times = (size: number, factors: readonly number[]): readonly number[] =>
    factors.map((factor) => factor * size);
  return {
    base: { channels, side, hidden, batch },
    sweeps: {
      batch: times(batch, [1, 2, 4]),
      side: times(side, [1, 2, 3]),
      hidden: times(hidden, [1, 2, 4]),
    },
  };
}
