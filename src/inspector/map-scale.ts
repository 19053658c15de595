/** One point of the distribution of map values over the pixels of good images. */
export interface MapQuantile {
  /** The share of good pixels with a larger value. */
  readonly p: number;
  readonly value: number;
}

/**
 * The scale on which anomaly maps are shown: how seldom a pixel of a good image is as odd. From the whole maps of good
 * images held out of training; p falls and value rises from point to point.
 */
export interface MapScale {
  readonly quantiles: readonly MapQuantile[];
}

/** The smallest share that the scale has measured; smaller p-values are extrapolated. */
export function smallestMeasured({ quantiles }: MapScale): number {
  return quantiles.at(-1)!.p;
}

/**
 * −log₁₀ of a pixel's p-value: linear in the map's value between the points (0 at value 0), and beyond the last one with
 * the slope of the decades before, as of a tail that falls exponentially.
 */
export function rarityOf(scale: MapScale): (value: number) => number {
  const { values, rarities, slope } = pointsOf(scale);
  const last = values.length - 1;
  return (value) => {
    if (!(value > 0)) return 0;
    if (value >= values[last]) return rarities[last] + (value - values[last]) * slope;
    let upper = 1;
    while (values[upper] <= value) upper++;
    return between(value, values, rarities, upper);
  };
}

/** How often a pixel of a good image has at least this map value; see {@link rarityOf}. */
export function pixelPValue(scale: MapScale, value: number): number {
  return 10 ** -rarityOf(scale)(value);
}

/** The map value of a p-value; see {@link rarityOf}. */
export function valueAtPValue(scale: MapScale, p: number): number {
  const { values, rarities, slope } = pointsOf(scale);
  const rarity = -Math.log10(p);
  const last = values.length - 1;
  if (rarity >= rarities[last]) {
    return rarity === rarities[last] ? values[last] : values[last] + (rarity - rarities[last]) / slope;
  }
  let upper = 1;
  while (rarities[upper] <= rarity) upper++;
  return between(rarity, rarities, values, upper);
}

/**
 * The scale of several flows' maps together: its p-values are the mean of theirs. It reaches as far as each of them does.
 * @param scales at least one
 */
export function meanScale(scales: readonly MapScale[]): MapScale {
  if (scales.length === 1) return scales[0];
  const end = Math.max(...scales.map(smallestMeasured));
  const rarities = scales.map(rarityOf);
  const meanPValue = (value: number): number =>
    rarities.reduce((sum, rarity) => sum + 10 ** -rarity(value), 0) / scales.length;
  const shares = scales[0].quantiles.map(({ p }) => p).filter((p) => p >= end);
  return {
    quantiles: rising(
      shares.map((p) => {
        const values = scales.map((scale) => valueAtPValue(scale, p));
        return { p, value: whereFalls(meanPValue, p, Math.min(...values), Math.max(...values)) };
      }),
    ),
  };
}

/** The points whose value is above that of the point before. */
export function rising(quantiles: readonly MapQuantile[]): readonly MapQuantile[] {
  return quantiles.filter(({ value }, i) => i === 0 || value > quantiles[i - 1].value);
}

/** Where a falling function passes a level, by bisection. */
function whereFalls(f: (x: number) => number, level: number, low: number, high: number): number {
  for (let i = 0; i < bisections; i++) {
    const middle = (low + high) / 2;
    if (f(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const bisections = 60;

function between(at: number, from: readonly number[], to: readonly number[], upper: number): number {
  const share = (at - from[upper - 1]) / (from[upper] - from[upper - 1]);
  return to[upper - 1] + (to[upper] - to[upper - 1]) * share;
}

function pointsOf({ quantiles }: MapScale) {
  const above = quantiles.filter(({ value }) => value > 0);
  const values = [0, ...above.map(({ value }) => value)];
  const rarities = [0, ...above.map(({ p }) => -Math.log10(p))];
  return { values, rarities, slope: tailSlope(values, rarities) };
}

/**
 * The mean slope over two decades, up to the point one decade before the last: beyond the last points there are a few
 * values only, which say little of how the tail falls.
 */
function tailSlope(values: readonly number[], rarities: readonly number[]): number {
  const end = rarities.at(-1)!;
  const upTo = (rarity: number): number => rarities.findLastIndex((known) => known <= rarity + rounding);
  const to = upTo(end - 1) > 0 ? upTo(end - 1) : rarities.length - 1;
  const from = Math.max(0, upTo(rarities[to] - 2));
  return to === 0 ? 0 : (rarities[to] - rarities[from]) / (values[to] - values[from]);
}

/** So that 0.01 and 0.0001 are two decades apart, which in binary they are not. */
const rounding = 1e-9;
