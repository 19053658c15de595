/**
 * What a set of scores says about every threshold, without the scores: counts at the distinct scores of
 * defective ones (the levels, ascending) and of good ones at and between them. These are all the thresholds that
 * matter: between two levels only false positives are added. Every measure of ranking is made from this.
 */
export interface RankedScores {
  /** The distinct scores of defective ones, ascending. */
  readonly levels: Float32Array | Float64Array;
  /** `[j]`: defective ones that score `levels[j]`. */
  readonly defectiveAt: Uint32Array | Float64Array;
  /** `[j]`: good ones that score more than `levels[j − 1]` and less than `levels[j]`. */
  readonly goodBelow: Uint32Array | Float64Array;
  /** `[j]`: good ones that score `levels[j]`. */
  readonly goodAt: Uint32Array | Float64Array;
  /** Good ones in all, those above the highest level included. */
  readonly good: number;
  /** Defective ones in all. */
  readonly defective: number;
}

/** What happens when everything that scores at least `threshold` is called defective. */
export interface OperatingPoint {
  readonly level: number;
  readonly threshold: number;
  /** Defective ones with score ≥ threshold. */
  readonly truePositives: number;
  /** Good ones with score > threshold. */
  readonly goodAbove: number;
  /** Good ones with score ≥ threshold: the false positives. */
  readonly goodAtLeast: number;
}

/**
 * Ranks scores by what they belong to.
 * @param labels as many as scores; 1 or true = defective, 0 or false = good
 * @throws RangeError for a NaN score (names its index) and for lengths that differ
 */
export function rankScores(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): RankedScores {
  checkScores(scores, labels.length);
  const defective = Float64Array.from(
    Array.from(scores).filter((_, i) => labels[i]),
    (score) => score + 0, // −0 and 0 are one
  ).sort();
  const levels = defective.filter((score, i) => i === 0 || score !== defective[i - 1]);
  const ranked = emptyRanking(levels);
  for (let i = 0; i < scores.length; i++) {
    const { level, at } = placeOf(levels, scores[i]);
    if (labels[i]) ranked.defectiveAt[level]++;
    else if (at) ranked.goodAt[level]++;
    else if (level < levels.length) ranked.goodBelow[level]++;
  }
  return { ...ranked, good: scores.length - defective.length, defective: defective.length };
}

/** Nothing counted yet. */
export function emptyRanking<T extends Float32Array | Float64Array>(levels: T) {
  return {
    levels,
    defectiveAt: new Uint32Array(levels.length),
    goodBelow: new Uint32Array(levels.length),
    goodAt: new Uint32Array(levels.length),
  };
}

/** The first level that is not below the score (as many as there are: none), and whether the score is at it. */
export function placeOf(
  levels: Float32Array | Float64Array,
  score: number,
): { readonly level: number; readonly at: boolean } {
  let level = 0;
  let end = levels.length;
  while (level < end) {
    const middle = (level + end) >>> 1;
    if (levels[middle] < score) level = middle + 1;
    else end = middle;
  }
  return { level, at: level < levels.length && levels[level] === score };
}

/** True where both kinds are present; every measure of ranking is undefined otherwise. */
export function hasBothClasses({ good, defective }: RankedScores): boolean {
  return good > 0 && defective > 0;
}

/** Visits every level at which there are defective ones, from the highest down. */
export function sweepThresholds(ranked: RankedScores, visit: (point: OperatingPoint) => void): void {
  const { levels, defectiveAt, goodBelow, goodAt } = ranked;
  let truePositives = 0;
  let goodAbove = ranked.good;
  for (let j = 0; j < levels.length; j++) goodAbove -= goodBelow[j] + goodAt[j];
  for (let j = levels.length - 1; j >= 0; j--) {
    const goodAtLeast = goodAbove + goodAt[j];
    truePositives += defectiveAt[j];
    if (defectiveAt[j] > 0) visit({ level: j, threshold: levels[j], truePositives, goodAbove, goodAtLeast });
    goodAbove = goodAtLeast + goodBelow[j];
  }
}

function checkScores(scores: ArrayLike<number>, labels: number): void {
  if (scores.length !== labels) {
    throw new RangeError(`labels: expected ${scores.length}, one a score, got ${labels}`);
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`scores[${i}]: expected a number, got NaN`);
  }
}
