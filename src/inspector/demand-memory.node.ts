import type { DatasetImage } from '../data/types.js';
import { UserError } from '../errors.js';
import { featureMemory } from '../training/index.js';
import type { PreparedTraining } from './prepare-training.node.js';
import { smallerThatFits, smallest, type SmallerTraining } from './smaller-training.js';
import {
  featurePhase,
  largestOf,
  mostTrainingMemory,
  trainingMemory,
  type SampleCounts,
  type TrainingLoad,
} from './training-memory.node.js';

/** Proposed trainings leave a tenth free, since a count is not exact. */
const proposedShare = 0.9;

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

/** What is said of work that needs more bytes than it may take. */
export const tooMuch = (work: string, need: number, available: number): string =>
  `memory: expected at most ${gigabytes(available)} (what is free, or given), this ${work} takes about ${gigabytes(need)}`;

/** @param computes whether there are pictures whose features are not cached */
export async function loadOf(
  { settings, weights, plan }: PreparedTraining,
  { all, learned }: SampleCounts,
  computes: boolean,
  lanes: number,
): Promise<TrainingLoad> {
  const largestPicture = await largestOf(plan.images, settings);
  return { settings, weights, samples: all, learned, computes, largestPicture, lanes };
}

/**
 * The bytes that a training takes at most.
 * @throws UserError where that is more than is available, with smaller settings that fit
 */
export function demandMemory(load: TrainingLoad, available: number, goesOn: boolean): number {
  const need = trainingMemory(load);
  if (need > available) throw tooLarge(load, need, available, goesOn);
  return need;
}

/**
 * As `demandMemory`, quick where there is plenty.
 * @param uncached the pictures whose features would be computed, asked for only where it counts
 */
export async function demandMemoryQuickly(
  prepared: PreparedTraining,
  counts: SampleCounts,
  uncached: () => Promise<readonly DatasetImage[]>,
  lanes: number,
  available: number,
): Promise<void> {
  const load = await loadOf(prepared, counts, true, lanes);
  if (mostTrainingMemory(load) <= available) return;
  const computes = (await uncached()).length > 0;
  demandMemory({ ...load, computes }, available, prepared.earlier !== undefined);
}

function tooLarge(load: TrainingLoad, need: number, available: number, goesOn: boolean): UserError {
  const room = proposedShare * available;
  const changed = ({ settings, lanes, resized }: SmallerTraining): TrainingLoad => ({
    ...load,
    settings,
    lanes,
    // What is cached is of this size.
    computes: load.computes || resized,
  });
  const options = { settings: load.settings, lanes: load.lanes, reshapes: !goesOn };
  const fitting = smallerThatFits(options, {
    fits: (training) =>
      mostTrainingMemory(changed(training)) <= room || trainingMemory(changed(training)) <= room,
    featuresFit: (training) => featurePhase(changed(training)) <= room,
  });
  const start = `${tooMuch('training', need, available)}; `;
  if (fitting !== undefined) return new UserError(`${start}${fitting.options.join(' ')} will fit`);
  const least = smallest(options);
  const { settings } = least;
  const { batch } = settings.recipe;
  const features = featureMemory(load.settings.configuration, load.samples);
  return new UserError(
    `${start}no smaller settings that were tried fit: even ${least.options.join(' ') || `--batch ${batch}`} takes about ` +
      `${gigabytes(trainingMemory(changed(least)))}. Free memory, or learn from fewer pictures (the features of these ` +
      `take ${gigabytes(features)})`,
  );
}
