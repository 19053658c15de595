/** Both ends included. */
export type Interval = readonly [low: number, high: number];

/** An interval, or why there is none. */
export type IntervalResult = { readonly interval: Interval } | { readonly reason: string };

/**
 * The interval of Clopper and Pearson (Biometrika 26, 1934) for a share seen as `count` of `of` independent ones: it
 * holds the true share with at least the probability `level`, however small the numbers. The low end is the share at
 * which `count` or more happen with probability (1 − level)/2, the high end that at which `count` or fewer do.
 * @param level default 0.95
 * @throws RangeError unless 0 ≤ count ≤ of, both integers, of ≥ 1
 */
export function proportionInterval(count: number, of: number, level = 0.95): Interval {
  if (!Number.isInteger(count) || !Number.isInteger(of) || of < 1 || count < 0 || count > of) {
    throw new RangeError(
      `proportion: expected a count from 0 to a number of at least 1, got ${count} of ${of}`,
    );
  }
  const tail = (1 - level) / 2;
  const logBinomials = logBinomialsOf(of);
  const atMost = (k: number, share: number): number => binomialAtMost(k, of, share, logBinomials);
  return [
    count === 0 ? 0 : bisect((share) => 1 - atMost(count - 1, share) < tail),
    count === of ? 1 : bisect((share) => atMost(count, share) > tail),
  ];
}

/** The share between 0 and 1 up to which `below` holds. */
export function bisect(below: (share: number) => boolean, low = 0, high = 1): number {
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** `[k]`: log (n choose k). */
function logBinomialsOf(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  for (let k = 1; k <= n; k++) logs[k] = logs[k - 1] + Math.log((n - k + 1) / k);
  return logs;
}

function binomialAtMost(k: number, n: number, share: number, logBinomials: Float64Array): number {
  const hit = Math.log(share);
  const miss = Math.log1p(-share);
  let sum = 0;
  for (let i = 0; i <= k; i++) sum += Math.exp(logBinomials[i] + i * hit + (n - i) * miss);
  return sum;
}
