import type { Evaluation } from '../../inspector/evaluate.node.js';

/** How many pictures of a kind were rejected. */
export interface CountedShare {
  readonly hits: number;
  readonly count: number;
  /** Physical parts that the pictures show. */
  readonly parts: number;
  readonly share: number;
  /** Holds the true share with 95 % confidence; undefined where the pictures do not tell. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

/** What was counted on the test pictures at the model's threshold; undefined where there is nothing to count. */
export interface Rates {
  readonly goodRejected: CountedShare | undefined;
  readonly defectsFound: CountedShare | undefined;
  /** Found, by name of the defect, in the order of their names. */
  readonly foundByClass: ReadonlyMap<string, CountedShare>;
}

export function ratesOf({ summary, images }: Pick<Evaluation, 'summary' | 'images'>): Rates {
  const {
    good,
    defective,
    missed,
    false_reject_rate: rejected,
    intervals,
    interval_method: method,
  } = summary;
  const counted = (
    hits: number,
    count: number,
    parts: number,
    interval: readonly [number, number] | null,
  ): CountedShare => ({ hits, count, parts, share: hits / count, interval: interval ?? undefined });
  const partsOf = (name: string): number =>
    new Set(images.filter(({ image }) => image.defectClass === name).map(({ image }) => image.group)).size;
  return {
    goodRejected:
      rejected === null
        ? undefined
        : counted(Math.round(rejected * good), good, method.good_parts, intervals.false_reject_rate),
    defectsFound:
      defective === 0
        ? undefined
        : counted(defective - missed, defective, method.defective_parts, intervals.recall),
    foundByClass: new Map(
      Object.entries(summary.per_class).map(([name, own]) => [
        name,
        counted(own.n - own.missed, own.n, partsOf(name), own.intervals.recall),
      ]),
    ),
  };
}
