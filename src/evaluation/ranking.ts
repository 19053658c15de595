/** Scores of both kinds, each ascending and without NaN. */
export interface RankedScores {
  readonly good: Float32Array | Float64Array;
  readonly defective: Float32Array | Float64Array;
}

/** What happens when everything that scores at least `threshold` is called defective. */
export interface OperatingPoint {
  readonly threshold: number;
  /** Defective ones with score ≥ threshold. */
  readonly truePositives: number;
  /** Good ones with score > threshold. */
  readonly goodAbove: number;
  /** Good ones with score ≥ threshold: the false positives. */
  readonly goodAtLeast: number;
}

/**
 * Sorts scores by what they belong to.
 * @param labels as many as scores; 1 or true = defective, 0 or false = good
 * @throws RangeError for a NaN score (names its index) and for lengths that differ
 */
export function rankScores(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): RankedScores {
  if (scores.length !== labels.length) {
    throw new RangeError(`labels: expected ${scores.length}, one a score, got ${labels.length}`);
  }
  const good: number[] = [];
  const defective: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i];
    if (Number.isNaN(score)) throw new RangeError(`scores[${i}]: expected a number, got NaN`);
    (labels[i] ? defective : good).push(score);
  }
  return { good: Float64Array.from(good).sort(), defective: Float64Array.from(defective).sort() };
}

/** True where both kinds are present; every measure of ranking is undefined otherwise. */
export function hasBothClasses({ good, defective }: RankedScores): boolean {
  return good.length > 0 && defective.length > 0;
}

/**
 * Visits every distinct score of a defective one, from the highest down. These are all the thresholds that
 * matter: between two of them only false positives are added.
 */
export function sweepThresholds(
  { good, defective }: RankedScores,
  visit: (point: OperatingPoint) => void,
): void {
  let goodBelow = good.length;
  let defectiveBelow = defective.length;
  while (defectiveBelow > 0) {
    const threshold = defective[defectiveBelow - 1];
    while (goodBelow > 0 && good[goodBelow - 1] > threshold) goodBelow--;
    const goodAbove = good.length - goodBelow;
    while (goodBelow > 0 && good[goodBelow - 1] === threshold) goodBelow--;
    while (defectiveBelow > 0 && defective[defectiveBelow - 1] === threshold) defectiveBelow--;
    visit({
      threshold,
      truePositives: defective.length - defectiveBelow,
      goodAbove,
      goodAtLeast: good.length - goodBelow,
    });
  }
}
