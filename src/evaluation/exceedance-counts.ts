/** How many parts show so many images each. */
export type PartsOfSize = ReadonlyMap<number, number>;

/**
 * P(C = c) for c = 0 … min(size, upTo), where C of a part's `size` images exceed a level that an image exceeds with
 * probability `rate`: the beta-binomial distribution with the intra-class correlation ρ,
 * P(c) = (size choose c) B(c + a, size − c + b) / B(a, b), a = rate(1 − ρ)/ρ, b = (1 − rate)(1 − ρ)/ρ
 * (Williams 1975; ρ = 1/(a + b + 1)). At ρ = 0 it is the binomial, near 1 all or none.
 */
export function exceedanceMasses(
  size: number,
  rate: number,
  correlation: number,
  upTo: number,
): Float64Array<ArrayBuffer> {
  const own = 1 - correlation;
  const masses = new Float64Array(Math.min(size, upTo) + 1);
  let logMass = correlation === 0 ? size * Math.log1p(-rate) : 0;
  for (let i = 0; correlation > 0 && i < size; i++) {
    logMass += Math.log(((1 - rate) * own + i * correlation) / (own + i * correlation));
  }
  masses[0] = Math.exp(logMass);
  for (let c = 0; c + 1 < masses.length; c++) {
    const odds = (rate * own + c * correlation) / ((1 - rate) * own + (size - c - 1) * correlation);
    logMass += Math.log(((size - c) / (c + 1)) * odds);
    masses[c + 1] = Math.exp(logMass);
  }
  return masses;
}

/**
 * P(N ≤ count), where N of all images exceed the level and the parts are independent. For ρ = 0 that is
 * 1 − I(rate; count + 1, n − count), the regularised incomplete beta function.
 * @param correlation ρ from 0 to below 1
 */
export function atMost(count: number, parts: PartsOfSize, rate: number, correlation: number): number {
  const images = [...parts].reduce((sum, [size, number]) => sum + size * number, 0);
  if (count < 0) return 0;
  if (count >= images || rate <= 0) return 1;
  if (rate >= 1) return 0;
  if (correlation === 0) return total(exceedanceMasses(images, rate, 0, count));
  let masses = Float64Array.of(1);
  for (const [size, number] of parts) {
    masses = convolve(
      masses,
      size === 1
        ? exceedanceMasses(number, rate, 0, count)
        : power(exceedanceMasses(size, rate, correlation, count), number, count),
      count,
    );
  }
  return total(masses);
}

const total = (masses: Float64Array): number =>
  Math.min(
    1,
    masses.reduce((sum, mass) => sum + mass, 0),
  );

/** The masses of a sum of two independent counts, up to `upTo`. */
function convolve(a: Float64Array, b: Float64Array, upTo: number): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(Math.min(upTo, a.length + b.length - 2) + 1);
  for (let i = 0; i < a.length; i++) {
    const end = Math.min(b.length, sums.length - i);
    for (let j = 0; j < end; j++) sums[i + j] += a[i] * b[j];
  }
  return sums;
}

/** The masses of a sum of `number` independent counts, by repeated squaring. */
function power(masses: Float64Array<ArrayBuffer>, number: number, upTo: number): Float64Array<ArrayBuffer> {
  let result = Float64Array.of(1);
  let squared = masses;
  for (let left = number; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = convolve(result, squared, upTo);
    if (left > 1) squared = convolve(squared, squared, upTo);
  }
  return result;
}
