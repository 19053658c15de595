import { splitCalibration, splitFolds } from '../data/index.js';
import type { DatasetImage, SkippedFile } from '../data/types.js';
import { UserError } from '../errors.js';
import type { Round } from './cross-calibration.node.js';
import type { Extraction, ImageFeatures } from './extract-features.node.js';
import type { ModelMetadata } from './model-metadata.js';

/**
 * How good images are scored to set the threshold. `split`: 15 % of the parts are held out of training. `cross`: as many
 * flows as `folds` (default 5) each score the parts held out of them, and the flow of the model file learns from all.
 */
export type CalibrationMethod =
  { readonly kind: 'split' } | { readonly kind: 'cross'; readonly folds?: number };

/** The good training images, and which of them are held out of what. */
export interface CalibrationPlan {
  readonly method: ModelMetadata['calibration']['method'];
  readonly images: readonly DatasetImage[];
  /** Of each image the round in which it is held out; undefined for one that is only learned from. */
  readonly heldOutIn: readonly (number | undefined)[];
}

/** @throws UserError as `splitCalibration` and `splitFolds` */
export function planCalibration(
  dataset: readonly DatasetImage[],
  seed: number,
  method: CalibrationMethod = { kind: 'split' },
): CalibrationPlan {
  switch (method.kind) {
    case 'split': {
      const { training, calibration } = splitCalibration(dataset, { seed });
      return {
        method,
        images: [...training, ...calibration],
        heldOutIn: [...training.map(() => undefined), ...calibration.map(() => 0)],
      };
    }
    case 'cross': {
      const { folds, images, foldOf } = splitFolds(dataset, { folds: method.folds, seed });
      return { method: { kind: 'cross', folds }, images, heldOutIn: foldOf };
    }
  }
}

/** Images that can be read, by what they are used for. */
export interface PlannedRounds {
  /** Of the flows whose scores set the threshold, where the flow of the model file is none of them. */
  readonly rounds: readonly Round[];
  /** What the flow of the model file learns from. */
  readonly learned: readonly ImageFeatures[];
  /** The images whose scores set the threshold, round by round. */
  readonly scored: readonly ImageFeatures[];
  /** Images that would be scored by a flow that has learned from a copy. */
  readonly copies: readonly SkippedFile[];
}

/** @throws UserError where nothing is left to learn from or to set the threshold with */
export function planRounds(extraction: Extraction, plan: CalibrationPlan): PlannedRounds {
  const roundOf = new Map(plan.images.map((image, i) => [image, plan.heldOutIn[i]]));
  const count = plan.method.kind === 'cross' ? plan.method.folds : 1;
  const copies: SkippedFile[] = [];
  const rounds = Array.from({ length: count }, (_, round) => {
    const isHeldOut = ({ image }: ImageFeatures): boolean => roundOf.get(image) === round;
    const learned = extraction.features.filter((image) => !isHeldOut(image));
    const heldOut = withoutCopies(extraction.features.filter(isHeldOut), learned, copies);
    return { learned, heldOut };
  }).filter(({ heldOut }) => heldOut.length > 0);
  const scored = rounds.flatMap(({ heldOut }) => heldOut);
  const fewest = rounds.reduce((least, { learned }) => Math.min(least, learned.length), Infinity);
  demandImages(rounds.length === 0 ? extraction.features.length : fewest, scored.length, extraction.skipped);
  return plan.method.kind === 'cross'
    ? { rounds, learned: extraction.features, scored, copies }
    : { rounds: [], learned: rounds[0].learned, scored, copies };
}

/** A picture that is learned from says nothing about new ones, under whatever name it lies there again. */
function withoutCopies(
  heldOut: readonly ImageFeatures[],
  learned: readonly ImageFeatures[],
  copies: SkippedFile[],
): readonly ImageFeatures[] {
  const known = new Set(learned.map(({ digest }) => digest));
  return heldOut.filter(({ image, digest }) => {
    if (!known.has(digest)) return true;
    copies.push({
      path: image.path,
      reason: 'the same picture is among those learned from, so it cannot set the threshold',
    });
    return false;
  });
}

function demandImages(learned: number, scored: number, skipped: readonly SkippedFile[]): void {
  if (learned > 0 && scored > 0) return;
  const why = skipped[0] === undefined ? '' : `; the first: ${skipped[0].reason}`;
  throw new UserError(
    `training: expected readable good images to learn from and to calibrate with, got ${learned} and ` +
      `${scored} (${skipped.length} could not be read${why})`,
  );
}
