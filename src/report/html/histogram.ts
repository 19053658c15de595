/** A class of scores and how many of them fall into each bin. */
export interface Histogram {
  /** Bin i holds scores with edges[i] < score ≤ edges[i + 1]; the first also its lower edge. */
  readonly edges: readonly number[];
  /** Whether the bins are equally wide in the score's logarithm. */
  readonly logarithmic: boolean;
  /** One row a list of scores, one count a bin. */
  readonly counts: readonly (readonly number[])[];
}

/** Of the largest to the smallest score: above it, a linear axis would show one bar and much emptiness. */
const logarithmicFrom = 20;

/**
 * Bins common to several lists of scores, with the threshold on an edge, so that each bar lies wholly on one
 * side of it as its pictures do (rejected where score > threshold). Scores that are not finite are not counted.
 */
export function histogram(
  lists: readonly (readonly number[])[],
  threshold: number,
  wantedBins = 30,
): Histogram {
  const finite = lists.map((list) => list.filter(Number.isFinite));
  let low = threshold;
  let high = threshold;
  for (const score of finite.flat()) {
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  const logarithmic = low > 0 && high / low >= logarithmicFrom;
  const edges = edgesThrough(threshold, low, high, wantedBins, logarithmic);
  const counts = finite.map((list) => {
    const row = new Array<number>(edges.length - 1).fill(0);
    for (const score of list) row[binOf(edges, score)]++;
    return row;
  });
  return { edges, logarithmic, counts };
}

function edgesThrough(
  threshold: number,
  low: number,
  high: number,
  bins: number,
  logarithmic: boolean,
): readonly number[] {
  const there = logarithmic ? Math.log : (value: number): number => value;
  const back = logarithmic ? Math.exp : (value: number): number => value;
  const extent = there(high) - there(low);
  // Scores that differ by no more than rounding are one.
  const isOne = extent <= Math.abs(threshold) * 1e-6;
  const width = isOne ? Math.max(Math.abs(threshold) * 0.01, 1e-6) : extent / bins;
  const below = Math.max(1, Math.ceil((there(threshold) - there(low)) / width - 1e-9));
  const above = Math.max(1, Math.ceil((there(high) - there(threshold)) / width - 1e-9));
  const edges = Array.from({ length: below + above + 1 }, (_, i) =>
    i === below ? threshold : back(there(threshold) + (i - below) * width),
  );
  // Rounding must not leave the extremes outside.
  edges[0] = Math.min(edges[0], low);
  edges[edges.length - 1] = Math.max(edges[edges.length - 1], high);
  return edges;
}

function binOf(edges: readonly number[], score: number): number {
  let from = 0;
  let to = edges.length - 2;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (score <= edges[middle + 1]) to = middle;
    else from = middle + 1;
  }
  return from;
}
