import type { NumpyRandom } from '#csflow/tensor/numpy-random.js';

/** Scores of parts with several images each, whose true rates are known. */
export interface DrawnScores {
  readonly scores: Float64Array;
  readonly groups: readonly number[];
  /** P(score of an image of a new part > threshold). */
  readonly rateAbove: (threshold: number) => number;
}

/** Normal scores; the images of a part have the correlation ρ. */
export function drawParts(
  random: NumpyRandom,
  parts: number,
  images: number,
  correlation: number,
): DrawnScores {
  const groups = Array.from({ length: parts * images }, (_, i) => Math.floor(i / images));
  const ofPart = Float64Array.from({ length: parts }, () => random.normal());
  const scores = Float64Array.from(
    groups,
    (part) => Math.sqrt(correlation) * ofPart[part] + Math.sqrt(1 - correlation) * random.normal(),
  );
  return { scores, groups, rateAbove: upperTail };
}

/** P(Z > x) of a standard normal: a sum for small x (Abramowitz and Stegun 26.2.10), a continued fraction beyond (26.2.14). */
export function upperTail(x: number): number {
  if (x < 0) return 1 - upperTail(-x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 3) {
    let fraction = x;
    for (let k = 60; k >= 1; k--) fraction = x + k / fraction;
    return density / fraction;
  }
  let term = x;
  let sum = x;
  for (let k = 1; k < 120; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 - density * sum;
}
