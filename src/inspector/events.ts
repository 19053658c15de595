import type { TrainingEvent } from '../training/index.js';

/** What training and evaluation report as they go. */
export type InspectorEvent =
  | TrainingEvent
  | { readonly kind: 'data'; readonly training: number; readonly calibration: number }
  | Progress
  /** A step without countable parts has begun. */
  | { readonly kind: 'phase'; readonly name: 'calibrating' | 'measuring pixels' }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string };

export interface Progress {
  readonly kind: 'drawing' | 'features' | 'evaluating' | 'fitting';
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
