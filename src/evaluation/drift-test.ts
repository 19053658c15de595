import { UserError } from '../errors.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { betFromAnyTime } from './betting.js';
import { onlineRanks } from './online-ranks.js';

export interface DriftOptions {
  /** The probability that an alarm is ever raised while nothing has changed, α; default 0.001. */
  readonly falseAlarm?: number;
  /** Share of defective parts among the images judged good that must not count as a change, ε; default 0.02. */
  readonly missedShare?: number;
}

/** `higher`, `lower`: how the scores of good parts have moved; `rejections`: more than half of the images are. */
export type DriftKind = 'higher' | 'lower' | 'rejections';

export interface DriftAlarm {
  readonly kind: DriftKind;
  /** The image that raised it, counted from 1. */
  readonly image: number;
}

export interface DriftReading {
  /** The capital won against "nothing has changed", from 1; an alarm is raised where it reaches 1/α. */
  readonly evidence: number;
  /** Once raised it stays, and the evidence with it. */
  readonly alarm?: DriftAlarm;
}

/** A running test of whether new images still look like those the threshold was set with. */
export interface DriftTest {
  /** Calibration scores that new ones are compared with. */
  readonly reference: number;
  /** The scores of new images, good or defective, in the order in which they came. */
  add(score: number): DriftReading;
}

/** Bets k·p^(k−1): the first gains on shifts of half a deviation, the second of one, the third of two and more. */
const powers = [1.5, 2.5, 4] as const;
/** Shares of rejected images that are bet on, against at most a half. */
const rejectedShares = [0.65, 0.8, 0.95] as const;
const mostRejected = 0.5;

/**
 * Watches the scores of new images for a change of camera, light or parts. Two bets share a capital of 1 evenly, and
 * P(an alarm is ever raised) ≤ α however long it runs, by Ville's inequality, as long as
 *
 * 1. the good parts' scores are drawn like the calibration scores, independently of each other. Each score below the
 *    threshold is ranked among the calibration scores below the threshold and all earlier new ones (conformal test
 *    martingale: Vovk, Nouretdinov & Gammerman 2003, "Testing exchangeability on-line"); the ranks' p are uniform and
 *    independent, ties broken by chance. Against that bet k·p^(k−1) and, for lower scores, k·(1 − p)^(k−1), for k in
 *    {1.5, 2.5, 4} (power martingale, ibid.), starting at any time (`betFromAnyTime`).
 * 2. each image is rejected with a probability of at most ½, whatever came before. Against that bet likelihood ratios
 *    of Bernoulli draws. It sees what the first cannot: a change so large that hardly an image is judged good.
 *
 * Rejected images do not enter the first bet, and neither do calibration scores at or above the threshold: the
 * threshold is the k-th smallest calibration score, and given that, the k − 1 scores below it are independent draws
 * from the good parts' distribution cut off there, as the new ones below it are. So with one image a part the guarantee
 * is exact, however many defective parts come and are found. Where several images a part set the threshold and one a
 * part is given here, the scores below the threshold depend on it, if only a little, and the guarantee is not proved:
 * over drawn scores it holds (`bench/drift-false-alarms.mjs`).
 *
 * Defective parts that are missed may be a share ε of the images judged good, whatever they score: with b missed ones
 * among N, a good one of rank u among the good has p ≤ u(1 − b/N) + b/N, so that with b/N ≤ ε the mean of k·p^(k−1) is
 * at most (1 − ε)(1 − ε^k)/(1 − ε) + ε·k = 1 + k·ε − ε^k, by which each bet is divided; the same holds for the mirrored
 * bets.
 *
 * New images are to be one a part: several of one part in a row resemble each other more than independent ones, and raise
 * the alarm far more often than α (ibid.).
 * @param calibrationScores of good images held out, in any order
 * @param threshold an image is rejected where its score > threshold
 * @throws UserError for an α or ε outside their bounds
 */
export function driftTest(
  calibrationScores: ArrayLike<number>,
  threshold: number,
  { falseAlarm = 0.001, missedShare = 0.02 }: DriftOptions = {},
): DriftTest {
  demandShare('false alarm', falseAlarm, falseAlarm > 0 && falseAlarm < 1);
  demandShare('missed share', missedShare, missedShare >= 0 && missedShare < 1);
  const reference = Array.from(calibrationScores).filter((score) => score < threshold);
  const ranks = onlineRanks(reference);
  const ties = new NumpyRandom(0);
  const shifts = betFromAnyTime(2 * powers.length);
  const rejections = betFromAnyTime(rejectedShares.length);
  let shiftCapital = 1;
  let rejectionCapital = 1;
  let images = 0;
  let last: DriftReading = { evidence: 1 };

  const kind = (): DriftKind => {
    if (rejectionCapital > shiftCapital) return 'rejections';
    const [higher, lower] = [shifts.worth.slice(0, powers.length), shifts.worth.slice(powers.length)].map(
      (bets) => Math.max(...bets),
    );
    return higher >= lower ? 'higher' : 'lower';
  };
  return {
    reference: reference.length,
    add(score) {
      if (Number.isNaN(score)) throw new RangeError('score: expected a number, got NaN');
      images++;
      if (last.alarm !== undefined) return last;
      rejectionCapital = rejections.add(rejectionBets(score > threshold));
      if (score < threshold) {
        shiftCapital = shifts.add(shiftBets(ranks.add(score, ties.uniform()), missedShare));
      }
      const evidence = (shiftCapital + rejectionCapital) / 2;
      last = evidence >= 1 / falseAlarm ? { evidence, alarm: { kind: kind(), image: images } } : { evidence };
      return last;
    },
  };
}

/** For higher scores, then for lower ones. */
function shiftBets(p: number, missed: number): number[] {
  const bet = (rank: number) => (k: number) => (k * rank ** (k - 1)) / (1 + k * missed - missed ** k);
  return [...powers.map(bet(p)), ...powers.map(bet(1 - p))];
}

function rejectionBets(rejected: boolean): number[] {
  return rejectedShares.map((share) => (rejected ? share / mostRejected : (1 - share) / (1 - mostRejected)));
}

function demandShare(name: string, value: number, holds: boolean): void {
  if (!holds) {
    throw new UserError(
      `${name}: expected a share between 0 and 1 (0.001 is one in a thousand), got ${value}`,
    );
  }
}
