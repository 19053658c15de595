import type { TrainingEvent } from '../training/index.js';

/** What training and evaluation report as they go. */
export type InspectorEvent =
  | (TrainingEvent & {
      /** Which of several flows is trained; left out where there is one. */
      readonly flow?: { readonly number: number; readonly of: number };
    })
  | {
      readonly kind: 'data';
      readonly training: number;
      readonly calibration: number;
      /** Where the model looks at tiles: how many there are to learn from. */
      readonly tiles?: number;
      /** Flows of a cross-calibration, before the one that learns from all. */
      readonly folds?: number;
    }
  /** The scores of so many folds are known, and kept for a training that is resumed. */
  | { readonly kind: 'folds'; readonly done: number; readonly of: number }
  | Progress
  /** A step without countable parts has begun. */
  | { readonly kind: 'phase'; readonly name: 'calibrating' | 'measuring pixels' }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string };

export interface Progress {
  readonly kind: 'drawing' | 'looking' | 'features' | 'evaluating' | 'fitting';
  readonly done: number;
  readonly total: number;
  /** Of those done, how many came from the cache. */
  readonly cached: number;
  readonly secondsLeft: number;
}

export type EventListener = (event: InspectorEvent) => void;

/** A function that reports each item done, with the time left at the pace so far. */
export function progressOf(kind: Progress['kind'], total: number, listener?: EventListener) {
  const start = performance.now();
  let done = 0;
  let cached = 0;
  return (fromCache = false): void => {
    done++;
    if (fromCache) cached++;
    const secondsEach = (performance.now() - start) / 1000 / done;
    listener?.({ kind, done, total, cached, secondsLeft: (total - done) * secondsEach });
  };
}
