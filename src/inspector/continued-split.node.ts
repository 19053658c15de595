import { splitCalibration, type CalibrationSplit } from '../data/index.js';
import type { DatasetImage, SkippedFile } from '../data/types.js';
import { UserError } from '../errors.js';
import { pastsOf, type Past } from './image-pasts.node.js';
import type { ModelMetadata } from './model-metadata.js';

export interface ContinuedSplit extends CalibrationSplit {
  /** Good images that may neither train nor calibrate. */
  readonly leftOut: readonly SkippedFile[];
}

export interface ContinuedSplitOptions {
  /** Draws the new parts that are held out. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/**
 * Divides the good images of a data set for a training that goes on from an earlier model, by what the files of each part
 * have been to it (known by their digests): parts that it has learned from train again, with new pictures of them; parts
 * that it was calibrated on calibrate again; of new parts a share is drawn to be held out, as in a first training.
 * @param metadata of the earlier model
 * @throws UserError where no good image is new, or none is left to hold out
 */
export async function splitContinued(
  images: readonly DatasetImage[],
  metadata: Pick<ModelMetadata, 'data' | 'from'>,
  { seed, signal }: ContinuedSplitOptions,
): Promise<ContinuedSplit> {
  const good = images.filter(({ split, label }) => split === 'train' && label === 'good');
  const pasts = await pastsOf(good, metadata, signal);
  if (![...pasts.values()].includes('new')) {
    throw new UserError(
      `from: expected good images that the earlier model has not seen, got ${good.length} that it all has; ` +
        'add new ones, or train anew without --from',
    );
  }

  const partsOf = (past: Past): ReadonlySet<string> =>
    new Set(good.filter((image) => pasts.get(image) === past).map(({ group }) => group));
  const [learnedParts, heldOutParts] = [partsOf('learned'), partsOf('held out')];
  const training: DatasetImage[] = [];
  const calibration: DatasetImage[] = [];
  const leftOut: SkippedFile[] = [];
  const fresh: DatasetImage[] = [];
  for (const image of good) {
    const { path, group } = image;
    if (learnedParts.has(group)) {
      if (pasts.get(image) === 'held out')
        leftOut.push({ path, reason: 'it calibrated the earlier model, which has learned from its part' });
      else training.push(image);
    } else if (heldOutParts.has(group)) calibration.push(image);
    else fresh.push(image);
  }
  const drawn = divided(fresh, calibration.length > 0, seed);
  const byPath = (a: DatasetImage, b: DatasetImage): number => (a.path < b.path ? -1 : 1);
  return {
    training: [...training, ...drawn.training].sort(byPath),
    calibration: [...calibration, ...drawn.calibration].sort(byPath),
    leftOut,
  };
}

/** One new part alone is learned from, where others calibrate. */
function divided(fresh: readonly DatasetImage[], calibrated: boolean, seed: number): CalibrationSplit {
  const parts = new Set(fresh.map(({ group }) => group)).size;
  if (calibrated && parts < 2) return { training: fresh, calibration: [] };
  return splitCalibration(fresh, { seed });
}
