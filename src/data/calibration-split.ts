import { UserError } from '../errors.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { compareText } from './compare-text.js';
import type { DatasetImage } from './types.js';

/** Share of the parts that is held out to set the threshold, where nothing else is said. */
export const calibrationShare = 0.15;

export interface CalibrationOptions {
  /** Share of the groups that is held out, between 0 and 1; default {@link calibrationShare}. */
  readonly fraction?: number;
  /** Integer from 0 to 2^32 − 1. */
  readonly seed: number;
}

export interface CalibrationSplit {
  readonly training: readonly DatasetImage[];
  readonly calibration: readonly DatasetImage[];
}

/**
 * Holds good training images out for calibration. Whole groups are drawn by seed, `round(fraction · groups)` of
 * them, at least one and never all; the result does not depend on the order of `images` and is sorted by path.
 * Test images and defective ones are in neither part.
 * @throws UserError for fewer than 2 good training images, or where all of them are of one group
 */
export function splitCalibration(
  images: readonly DatasetImage[],
  { fraction = calibrationShare, seed }: CalibrationOptions,
): CalibrationSplit {
  if (!(fraction > 0 && fraction < 1)) {
    throw new UserError(`calibration fraction: expected a number between 0 and 1, got ${fraction}`);
  }
  const { good, groups } = goodByPart(images);
  const count = Math.min(Math.max(Math.round(fraction * groups.length), 1), groups.length - 1);
  const drawn = new Set(new NumpyRandom(seed).shuffle([...groups]).slice(0, count));
  return {
    training: good.filter((image) => !drawn.has(image.group)),
    calibration: good.filter((image) => drawn.has(image.group)),
  };
}

export interface FoldOptions {
  /** Parts into which the groups are divided, from 2; default 5, or as many as there are groups. */
  readonly folds?: number;
  /** Integer from 0 to 2^32 − 1. */
  readonly seed: number;
}

export interface CalibrationFolds {
  readonly folds: number;
  /** The good training images, sorted by path. */
  readonly images: readonly DatasetImage[];
  /** The fold of each, from 0. */
  readonly foldOf: readonly number[];
}

const defaultFolds = 5;

/**
 * Divides good training images into folds of nearly as many groups each, drawn by seed, whole groups together. The result
 * does not depend on the order of `images`.
 * @throws UserError as {@link splitCalibration}, and for fewer than 2 folds or more than groups
 */
export function splitFolds(images: readonly DatasetImage[], { folds, seed }: FoldOptions): CalibrationFolds {
  const { good, groups } = goodByPart(images);
  const count = folds ?? Math.min(defaultFolds, groups.length);
  if (!(Number.isInteger(count) && count >= 2 && count <= groups.length)) {
    throw new UserError(
      `folds: expected a whole number from 2 to ${groups.length}, the number of parts that the good training images ` +
        `show, got ${count}`,
    );
  }
  const position = new Map(new NumpyRandom(seed).shuffle([...groups]).map((group, i) => [group, i]));
  return { folds: count, images: good, foldOf: good.map(({ group }) => position.get(group)! % count) };
}

/** The good training images by path, and their groups by name. */
function goodByPart(images: readonly DatasetImage[]) {
  const good = images
    .filter((image) => image.split === 'train' && image.label === 'good')
    .sort((a, b) => compareText(a.path, b.path));
  if (good.length < 2) {
    throw new UserError(
      `training needs at least 2 good images, one to learn from and one to calibrate the threshold; got ${good.length}: add good images`,
    );
  }
  const groups = [...new Set(good.map((image) => image.group))].sort(compareText);
  if (groups.length < 2) {
    throw new UserError(
      `all ${good.length} good training images belong to one part ("${groups[0]}"); expected at least 2 parts, ` +
        `one to calibrate the threshold: add pictures of another part or change the pattern that names the part`,
    );
  }
  return { good, groups };
}
