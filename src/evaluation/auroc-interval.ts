import { bisect, type Interval } from './proportion-interval.js';

/** The 97.5 % point of the standard normal. */
const normal975 = 1.959963984540054;

/**
 * A 95 % interval of the AUROC from its value and the numbers of independent good and defective ones alone: method 5
 * of Newcombe (Statistics in Medicine 25:559–573, 2006), all θ with |θ̂ − θ| ≤ z·√V(θ),
 * V(θ) = θ(1 − θ)·(1 + (N − 1)·((1 − θ)/(2 − θ) + θ/(1 + θ)))/(good · defective), N = (good + defective)/2. Unlike a
 * bootstrap it does not shrink to a point where good and defective ones do not overlap.
 */
export function aurocInterval(auroc: number, good: number, defective: number): Interval {
  const reach = (theta: number): number => {
    const shape = (1 - theta) / (2 - theta) + theta / (1 + theta);
    const variance = (theta * (1 - theta) * (1 + ((good + defective) / 2 - 1) * shape)) / (good * defective);
    return normal975 * Math.sqrt(variance);
  };
  return [
    auroc === 0 ? 0 : bisect((theta) => auroc - theta > reach(theta), 0, auroc),
    auroc === 1 ? 1 : bisect((theta) => theta - auroc <= reach(theta), auroc, 1),
  ];
}
