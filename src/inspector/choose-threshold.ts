import {
  costOptimum,
  f1Optimum,
  type ChosenThreshold,
  type Costs,
  type KnownScores,
} from '../evaluation/index.js';
import { goodScoresChoices, type ModelMetadata, type ThresholdOrigin } from './model-metadata.js';
import { goodScoresOf, thresholdAtValue, thresholdForRate, type ImageThreshold } from './model-threshold.js';

/** Which threshold a user wants. */
export type ThresholdWish =
  | { readonly kind: 'rate'; readonly falseRejectRate: number }
  | { readonly kind: 'value'; readonly value: number }
  | ImagesWish;

export { goodScoresChoices };

/** A threshold that known images choose. */
export type ImagesWish =
  | {
      readonly kind: 'cost';
      readonly missed: number;
      readonly rejected: number;
      /** Default: as among the images. */
      readonly defectShare?: number;
      readonly goodScores: GoodScoresChoice;
    }
  | { readonly kind: 'f1'; readonly goodScores: GoodScoresChoice };

export type GoodScoresChoice = (typeof goodScoresChoices)[number];

/** Scores of images whose labels are known. */
export interface KnownImages {
  readonly images: readonly {
    readonly score: number;
    readonly defective: boolean;
    readonly digest: string;
  }[];
  /** Digest over them. */
  readonly digest: string;
}

export interface ImagesThreshold {
  readonly threshold: ImageThreshold;
  /** What it does with the scores it was chosen on. */
  readonly chosen: ChosenThreshold & { readonly good: number; readonly defective: number };
  /** Expected cost a part, of the least cost. */
  readonly cost?: number;
}

/** A threshold that needs no images besides those of training. */
export function thresholdOf(
  metadata: ModelMetadata,
  wish: Exclude<ThresholdWish, ImagesWish>,
): ImageThreshold {
  const good = goodScoresOf(metadata);
  switch (wish.kind) {
    case 'rate':
      return thresholdForRate(good, wish.falseRejectRate);
    case 'value':
      return thresholdAtValue(good, wish.value, { kind: 'value' });
  }
}

/**
 * The threshold that known images choose.
 * @throws UserError as `costOptimum` and `f1Optimum`
 */
export function thresholdFromImages(
  metadata: ModelMetadata,
  wish: ImagesWish,
  known: KnownImages,
): ImagesThreshold {
  const calibration = goodScoresOf(metadata);
  const used = known.images.filter(({ defective }) => defective || wish.goodScores !== 'calibration');
  const scoresOf = (defective: boolean): readonly number[] =>
    used.filter((image) => image.defective === defective).map(({ score }) => score);
  const scores: KnownScores = {
    good: [...scoresOf(false), ...(wish.goodScores === 'test' ? [] : calibration.scores)],
    defective: scoresOf(true),
  };
  const { goodScores } = wish;
  const chosenOn = { images: used.map(({ digest }) => digest), data: known.digest, goodScores };
  const counts = { good: scores.good.length, defective: scores.defective.length };
  const at = (value: number, origin: Exclude<ThresholdOrigin, { kind: 'calibration' }>): ImageThreshold =>
    thresholdAtValue(calibration, value, origin);
  switch (wish.kind) {
    case 'cost': {
      const defectShare = wish.defectShare ?? counts.defective / (counts.good + counts.defective);
      const costs: Costs = { missed: wish.missed, rejected: wish.rejected, defectShare };
      const { cost, ...chosen } = costOptimum(scores, costs);
      const origin = {
        kind: 'cost',
        costMissed: wish.missed,
        costRejected: wish.rejected,
        defectShare,
        ...chosenOn,
      } as const;
      return { threshold: at(chosen.value, origin), chosen: { ...chosen, ...counts }, cost };
    }
    case 'f1': {
      const { f1, ...chosen } = f1Optimum(scores);
      return {
        threshold: at(chosen.value, { kind: 'f1', f1, ...chosenOn }),
        chosen: { ...chosen, ...counts },
      };
    }
  }
}
