import { bisect } from './proportion-interval.js';

/** P(Z ≤ z) of the standard normal, to 1e-7 (Abramowitz & Stegun, 1964, 26.2.17). */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}

/** The z with P(Z ≤ z) = `share`, between −6 and 6. */
export function normalQuantile(share: number): number {
  return bisect((z) => normalBelow(z) < share, -6, 6);
}
