import { quantile } from './bootstrap.js';
import type { FigureCounter } from './figure-counter.js';
import { normalBelow, normalQuantile } from './normal.js';
import type { Interval } from './proportion-interval.js';

/** Of more groups the acceleration is next to nothing, and would take long. */
const mostGroups = 2000;

/**
 * The bias-corrected and accelerated interval (BCa; Efron, JASA 82, 1987; Efron & Tibshirani 1993, §14.3): the
 * percentiles Φ(z₀ + (z₀ + z)/(1 − a·(z₀ + z))) of the drawn values, z = ±Φ⁻¹(1 − tail). z₀ = Φ⁻¹ of the share of
 * drawn values below the seen one, ties one half. A figure that is a maximum, as F1-max, is larger still in every
 * drawn set, which plain percentiles would take for the truth.
 * @param drawn ascending
 * @param acceleration a
 */
export function bcaInterval(drawn: Float64Array, seen: number, acceleration: number, tail: number): Interval {
  const close = 1e-12;
  let below = 0;
  for (const value of drawn) below += value < seen - close ? 1 : value <= seen + close ? 0.5 : 0;
  const bias = normalQuantile(below / drawn.length);
  const end = (z: number): number => {
    const stretch = 1 - acceleration * (bias + z);
    // Beyond its pole the correction has no meaning: the last drawn value is the end.
    const at = stretch > 0 ? normalBelow(bias + (bias + z) / stretch) : z < 0 ? 0 : 1;
    return quantile(drawn, at);
  };
  const z = normalQuantile(1 - tail);
  return [end(-z), end(z)];
}

/**
 * The acceleration of each figure: a = Σₛ nₛ⁻³ Σ l³ / 6(Σₛ nₛ⁻² Σ l²)^(3/2) over strata s and their groups, l the
 * influence of a group by the jackknife, (nₛ − 1)(mean − figure without it) (Davison & Hinkley 1997, §5.3).
 */
export function accelerations<T, Name extends string>({
  names,
  strata,
  clear,
  add,
  figures,
}: FigureCounter<T, Name>): Readonly<Record<Name, number>> {
  const all = [strata.good, ...strata.defective];
  const cubes = new Float64Array(names.length);
  const squares = new Float64Array(names.length);
  clear();
  for (const group of all.flat()) add(group);
  if (all.flat().length <= mostGroups) {
    for (const stratum of all) {
      const without = stratum.map((group) => {
        add(group, -1);
        const left = figures();
        add(group);
        return left;
      });
      const count = stratum.length;
      for (const [index, name] of names.entries()) {
        const mean = without.reduce((sum, left) => sum + left[name], 0) / count;
        for (const left of without) {
          const influence = ((count - 1) * (mean - left[name])) / count;
          cubes[index] += influence ** 3;
          squares[index] += influence ** 2;
        }
      }
    }
  }
  return Object.fromEntries(
    names.map((name, index) => {
      const spread = squares[index] ** 1.5;
      return [name, spread > 0 ? cubes[index] / (6 * spread) : 0];
    }),
  ) as Record<Name, number>;
}
