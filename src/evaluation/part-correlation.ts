import { partSizes, type GoodScores } from './good-scores.js';

/** Levels at which it is asked whether the high scores come from the same parts. */
const tails = [0.1, 0.05];
/** The distributions that use it are not defined at 1. */
const most = 0.9999;

/**
 * How alike the scores of one part's images are, from 0 to below 1: the largest of the intra-class correlations of the
 * scores' ranks and of being among the highest tenth and twentieth. The tails are asked too, since parts that are odd as
 * a whole count there and hardly in the ranks. 0 where each part has one image; all but 1 where there is one part.
 */
export function partCorrelation({ scores, groups }: GoodScores): number {
  const sizes = partSizes(groups);
  if (sizes.length === scores.length) return 0;
  if (sizes.length < 2) return most;
  const ranks = Float64Array.from(scores, (_, i) => i);
  const indicators = tails.map((tail) => {
    const start = Math.floor(scores.length * (1 - tail));
    return ranks.map((rank) => (rank >= start ? 1 : 0));
  });
  const correlations = [ranks, ...indicators].map((values) => intraClassCorrelation(values, groups, sizes));
  return Math.min(most, Math.max(0, ...correlations));
}

/**
 * The one-way analysis-of-variance estimator (MSB − MSW) / (MSB + (n₀ − 1) MSW) of the intra-class correlation, MSB and
 * MSW the mean squares between and within parts and n₀ = (n − Σ size² / n) / (parts − 1) (Donner 1986; for indicators
 * Ridout, Demétrio and Firth 1999). 0 where all values are equal.
 */
function intraClassCorrelation(values: Float64Array, groups: Int32Array, sizes: Int32Array): number {
  const n = values.length;
  const sums = new Float64Array(sizes.length);
  values.forEach((value, i) => (sums[groups[i]] += value));
  const mean = sums.reduce((sum, value) => sum + value, 0) / n;
  let between = 0;
  let squaredSizes = 0;
  sizes.forEach((size, g) => {
    between += size * (sums[g] / size - mean) ** 2;
    squaredSizes += size ** 2;
  });
  const within = values.reduce((sum, value, i) => sum + (value - sums[groups[i]] / sizes[groups[i]]) ** 2, 0);
  const meanBetween = between / (sizes.length - 1);
  const meanWithin = within / (n - sizes.length);
  const meanSize = (n - squaredSizes / n) / (sizes.length - 1);
  const spread = meanBetween + (meanSize - 1) * meanWithin;
  return spread > 0 ? (meanBetween - meanWithin) / spread : 0;
}
