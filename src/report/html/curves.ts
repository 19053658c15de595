import { rankScores, sweepThresholds, type OperatingPoint } from '../../evaluation/index.js';

/** The scores of the test pictures, each ascending. */
export interface ScoreSets {
  readonly good: readonly number[];
  readonly defective: readonly number[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a threshold does to the test pictures; a picture is rejected where its score > threshold. */
export interface ThresholdEffect {
  readonly threshold: number;
  readonly goodRejected: number;
  readonly defectsFound: number;
}

/**
 * The ROC curve from (0, 0) to (1, 1): the share of defective pictures found over the share of good ones
 * rejected, linear between thresholds as the area under it counts. Empty where one of the classes is missing.
 */
export function rocCurve(sets: ScoreSets): readonly Point[] {
  const { good, defective } = sets;
  if (good.length === 0 || defective.length === 0) return [];
  const points: Point[] = [{ x: 0, y: 0 }];
  let found = 0;
  sweep(sets, ({ truePositives, goodAbove, goodAtLeast }) => {
    points.push({ x: goodAbove / good.length, y: found });
    found = truePositives / defective.length;
    points.push({ x: goodAtLeast / good.length, y: found });
  });
  points.push({ x: 1, y: 1 });
  return thinned(points);
}

/**
 * The precision over the recall at every threshold that matters, from recall 0 to 1. A level holds back to the
 * recall before, so that the area under the steps is the average precision. Empty where a class is missing.
 */
export function precisionRecallCurve(sets: ScoreSets): readonly Point[] {
  const { good, defective } = sets;
  if (good.length === 0 || defective.length === 0) return [];
  const points: Point[] = [];
  let recall = 0;
  sweep(sets, ({ truePositives, goodAtLeast }) => {
    const precision = truePositives / (truePositives + goodAtLeast);
    points.push({ x: recall, y: precision });
    recall = truePositives / defective.length;
    points.push({ x: recall, y: precision });
  });
  return thinned(points);
}

function sweep({ good, defective }: ScoreSets, visit: (point: OperatingPoint) => void): void {
  const labels = [...good.map(() => false), ...defective.map(() => true)];
  sweepThresholds(rankScores([...good, ...defective], labels), visit);
}

/** Finer than a printed page shows. */
const resolution = 1 / 2000;

/** Without points that lie on the way between their neighbours or too near to be seen. */
function thinned(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const isEnd = i === points.length - 1;
    if (last !== undefined && !isEnd && distance(last, point) < resolution) return;
    const before = kept.at(-2);
    if (last !== undefined && before !== undefined && onOneLine(before, last, point)) kept.pop();
    kept.push(point);
  });
  return kept;
}

const distance = (a: Point, b: Point): number => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

const onOneLine = (a: Point, b: Point, c: Point): boolean =>
  (a.x === b.x && b.x === c.x) || (a.y === b.y && b.y === c.y);

export function effectOf({ good, defective }: ScoreSets, threshold: number): ThresholdEffect {
  const above = (scores: ArrayLike<number>): number => scores.length - countAtMost(scores, threshold);
  return { threshold, goodRejected: above(good), defectsFound: above(defective) };
}

/** Ascending scores that are ≤ limit. */
function countAtMost(sorted: ArrayLike<number>, limit: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle] <= limit) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Shares of good pictures rejected that people ask for. */
export const usualRates = [0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5] as const;

/**
 * For each rate the lowest threshold at which no larger share of the good pictures is rejected; rates that ask
 * for the same threshold are one, the first. Empty without good pictures.
 */
export function effectsAtRates(
  sets: ScoreSets,
  rates: readonly number[] = usualRates,
): readonly ThresholdEffect[] {
  const { good } = sets;
  if (good.length === 0) return [];
  const effects: ThresholdEffect[] = [];
  for (const rate of rates) {
    const allowed = Math.min(good.length - 1, Math.floor(rate * good.length + 1e-9));
    const effect = effectOf(sets, good[good.length - 1 - allowed]);
    if (effect.threshold !== effects.at(-1)?.threshold) effects.push(effect);
  }
  return effects;
}
