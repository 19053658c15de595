/** What is known of one measurement: its terms, and the seconds that their weighted sum should give. */
export interface Equation {
  readonly terms: readonly number[];
  readonly seconds: number;
}

/**
 * The weights of the terms that make the sum of squared relative errors least; a weight that would be negative is 0.
 * @throws RangeError where the equations do not tell the weights apart
 */
export function fitRelative(equations: readonly Equation[], used?: readonly boolean[]): readonly number[] {
  const count = equations[0]?.terms.length ?? 0;
  const wanted = used ?? Array.from({ length: count }, () => true);
  const columns = [...wanted.keys()].filter((i) => wanted[i]);
  const scaled = equations.map(({ terms, seconds }) => columns.map((i) => terms[i] / seconds));
  const found = solve(
    columns.map((_, i) => columns.map((__, j) => scaled.reduce((sum, row) => sum + row[i] * row[j], 0))),
    columns.map((_, i) => scaled.reduce((sum, row) => sum + row[i], 0)),
  );
  const negative = found.findIndex((value) => value < 0);
  if (negative >= 0) return fitRelative(equations, wanted.with(columns[negative], false));
  return wanted.map((is, i) => (is ? found[columns.indexOf(i)] : 0));
}

/** How far the weighted sums are off, each as a share of its seconds. */
export function relativeErrors(
  equations: readonly Equation[],
  weights: readonly number[],
): readonly number[] {
  return equations.map((equation) => Math.abs(weightedSum(equation.terms, weights) / equation.seconds - 1));
}

export function weightedSum(terms: readonly number[], weights: readonly number[]): number {
  return terms.reduce((sum, term, i) => sum + term * weights[i], 0);
}

/** Below this share of its diagonal a pivot is rounding: the terms of one measurement then follow from the others. */
const smallestPivot = 1e-12;

/** Normal equations by Gauss and Jordan; they are symmetric, so the diagonal serves as pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let k = 0; k < rows.length; k++) {
    if (rows[k][k] <= smallestPivot * matrix[k][k]) {
      throw new RangeError('fit: expected measurements that tell the terms apart, got too few or too alike');
    }
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      rows[i] = rows[i].map((value, j) => value - factor * rows[k][j]);
    }
  }
  return rows.map((row, i) => row[rows.length] / row[i]);
}

/** The slope of a line through logarithms: the power with which `y` grows with `x`. */
export function fittedExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (i: 0 | 1): number => logs.reduce((sum, log) => sum + log[i], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const along = logs.reduce((sum, log) => sum + (log[0] - x) * (log[1] - y), 0);
  return along / logs.reduce((sum, log) => sum + (log[0] - x) ** 2, 0);
}
