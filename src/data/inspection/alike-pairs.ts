import { NumpyRandom } from '../../tensor/numpy-random.js';
import { likeness, mayBeAlike, type Looks } from './likeness.js';

export interface AlikePair {
  /** Index of a picture, and of the one most alike among those it is compared with. */
  readonly index: number;
  readonly other: number;
  readonly likeness: number;
}

/**
 * The least likeness of near-duplicates, however different the other pictures are. The six pictures of a magnetic
 * tile have at least 0.95 with those of the same tile taken again, and across the split by tile (180 · 702 pairs)
 * none has 0.93.
 */
const LEAST_LIKENESS = 0.93;
/** How far above the likeness of drawn pairs it must be, in their deviations (of atanh). */
const DEVIATIONS = 5;
const DRAWN_PAIRS = 20_000;
/** Of a normal distribution, in its deviations. */
const QUARTILES_APART = 1.349;

/** From which likeness on two pictures count as near-duplicates, and how alike pictures of a set commonly are. */
export interface LikenessScale {
  readonly threshold: number;
  /** Likeness of drawn pairs of pictures of different parts: its median, and its deviation (from the quartiles). */
  readonly common: number;
  readonly spread: number;
}

/**
 * The scale of a set of pictures, from drawn pairs of different parts: pictures that commonly are as alike as
 * near-duplicates cannot be told from them, so the threshold rises with what is common.
 * @param groups the part of each picture
 */
export function likenessScale(looks: Looks, groups: readonly string[]): LikenessScale {
  const random = new NumpyRandom(0);
  const values: number[] = [];
  for (let i = 0; i < DRAWN_PAIRS && looks.count > 1; i++) {
    const a = random.integerUpTo(looks.count - 1);
    const b = random.integerUpTo(looks.count - 1);
    if (groups[a] !== groups[b]) values.push(Math.atanh(Math.min(likeness(looks, a, b), 0.9999)));
  }
  if (values.length === 0) return { threshold: LEAST_LIKENESS, common: 0, spread: 0 };
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(share * (values.length - 1))];
  const median = at(0.5);
  // From the quartiles, since the near-duplicates themselves are among the pairs.
  const deviation = (at(0.75) - at(0.25)) / QUARTILES_APART;
  return {
    threshold: Math.max(LEAST_LIKENESS, Math.tanh(median + DEVIATIONS * deviation)),
    common: Math.tanh(median),
    spread: (Math.tanh(at(0.75)) - Math.tanh(at(0.25))) / QUARTILES_APART,
  };
}

/**
 * For each picture of `from` the most alike one of `to` that shows another part, where they are at least as alike
 * as `threshold`; the most alike pair first.
 */
export function alikePairs(
  looks: Looks,
  groups: readonly string[],
  from: readonly number[],
  to: readonly number[],
  threshold: number,
): readonly AlikePair[] {
  const pairs: AlikePair[] = [];
  for (const index of from) {
    let best: AlikePair | undefined;
    for (const other of to) {
      if (groups[other] === groups[index] || !mayBeAlike(looks, index, other)) continue;
      const value = likeness(looks, index, other);
      if (value >= threshold && value > (best?.likeness ?? 0)) best = { index, other, likeness: value };
    }
    if (best !== undefined) pairs.push(best);
  }
  return pairs.sort((a, b) => b.likeness - a.likeness);
}
