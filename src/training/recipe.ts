import { UsageError } from '../errors.js';
import { defaultAdam, type AdamOptions } from './adam.js';

/** The learning rate over the progress of training, from 0 to 1. */
export type Schedule =
  | { readonly kind: 'constant'; readonly learningRate: number }
  /** Cosine up from a 25th within the warm-up, then cosine down to nearly nothing. */
  | { readonly kind: 'one-cycle'; readonly learningRate: number; readonly warmUp: number };

/** How a flow is trained, whatever its size. */
export interface Recipe {
  /** `standardise`: each channel and scale by the training images' mean and deviation; `none`: as they come. */
  readonly inputTransform: 'standardise' | 'none';
  readonly schedule: Schedule;
  readonly adam: AdamOptions;
  /** Largest total gradient norm. */
  readonly maxNorm: number;
  readonly batch: number;
  /** Where the recipe says it; else the preset does. */
  readonly epochs?: number;
}

const recipes = {
  default: {
    inputTransform: 'standardise',
    schedule: { kind: 'one-cycle', learningRate: 1e-3, warmUp: 0.1 },
    adam: defaultAdam,
    maxNorm: 1,
    batch: 16,
  },
  /** CS-Flow as published (WACV 2022, §4.2 and its code). */
  paper: {
    inputTransform: 'none',
    schedule: { kind: 'constant', learningRate: 2e-4 },
    adam: defaultAdam,
    maxNorm: 1,
    batch: 16,
    epochs: 240,
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;
export const recipeNames = Object.keys(recipes) as readonly RecipeName[];

/** @throws UsageError naming the recipes there are */
export function recipeNamed(name: string): Recipe {
  const recipe = recipeNames.find((known) => known === name);
  if (recipe === undefined) throw new UsageError(`recipe: expected ${recipeNames.join(' or ')}, got ${name}`);
  return recipes[recipe];
}

const cosine = (from: number, to: number, progress: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;

/** @param progress share of the training that is done, from 0 to 1 */
export function learningRateAt(schedule: Schedule, progress: number): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.learningRate;
    case 'one-cycle': {
      const { learningRate, warmUp } = schedule;
      const start = learningRate / 25;
      return progress < warmUp
        ? cosine(start, learningRate, progress / warmUp)
        : cosine(learningRate, start / 1e4, (progress - warmUp) / (1 - warmUp));
    }
  }
}
