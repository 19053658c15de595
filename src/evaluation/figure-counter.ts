import type { Group, Strata } from './strata.js';

/** Counts groups of images, some often and some not at all, and gives the figures of what was counted. */
export interface FigureCounter<T, Name extends string> {
  readonly names: readonly Name[];
  readonly strata: Strata<T>;
  readonly clear: () => void;
  /** @param times how often; −1 to take the group out again; default 1 */
  readonly add: (group: Group<T>, times?: number) => void;
  /** NaN where nothing good or nothing defective was counted. */
  readonly figures: () => Readonly<Record<Name, number>>;
}
