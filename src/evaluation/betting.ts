/** Capital 1 that is put, bit by bit, on bets against the null hypothesis. */
export interface Betting {
  /**
   * One more observation.
   * @param factors what each kind of bet multiplies its stake by; of mean ≤ 1 under the null, whatever came before
   * @returns the capital after it
   */
  add(factors: readonly number[]): number;
  /** What the bets of each kind are worth now. */
  readonly worth: readonly number[];
}

/**
 * Since nobody knows when a change comes, a part of the capital is staked anew before each observation, in equal
 * shares on each kind of bet, and stays there: until observation t the shares staked sum to 1 − ln 2 / ln(2 + t). The
 * capital is then a supermartingale from 1 under the null, so that P(it ever reaches c) ≤ 1/c (Ville's inequality),
 * while a change at observation t costs a factor of order t · ln² t, not e^t as it would had all been staked at the
 * start (a mixture over starting times: Shin, Ramdas & Rinaldo 2023, "E-detectors"; Vovk 2021, "Testing randomness
 * online").
 * @param kinds how many kinds of bets there are
 */
export function betFromAnyTime(kinds: number): Betting {
  const worth = new Array<number>(kinds).fill(0);
  let reserve = 1;
  let observations = 0;
  return {
    worth,
    add(factors) {
      const left = Math.LN2 / Math.log(2 + ++observations);
      const stake = (reserve - left) / kinds;
      reserve = left;
      let capital = reserve;
      for (let i = 0; i < kinds; i++) {
        worth[i] = (worth[i] + stake) * factors[i];
        capital += worth[i];
      }
      return capital;
    },
  };
}
