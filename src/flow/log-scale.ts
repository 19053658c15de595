import { atan, scalar, scale, sigmoid, sub, tanh, type Node } from '../graph/index.js';

/** The function that keeps a log-scale within ± clamp. */
export type ClampKind = 'atan' | 'tanh' | 'sigmoid';

export interface LogScaleOptions {
  /** Bound of the log-scale; 0 leaves it free. */
  readonly clamp: number;
  /** Default `atan`, as CS-Flow. */
  readonly clampKind?: ClampKind;
}

/**
 * l(s) = clamp · f(s / clamp) with f(u) = 0.636 · atan u (0.636 ≈ 2/π), tanh u, or 2 · sigmoid(u) − 1; s itself for
 * clamp 0. A factor exp(l(s)) then stays between exp(−clamp) and exp(clamp) (RealNVP's exponent, softly clamped).
 */
export function logScale(s: Node, { clamp, clampKind = 'atan' }: LogScaleOptions): Node {
  if (clamp === 0) return s;
  const u = scale(s, 1 / clamp);
  switch (clampKind) {
    case 'atan':
      return scale(atan(u), clamp * 0.636);
    case 'tanh':
      return scale(tanh(u), clamp);
    case 'sigmoid':
      return scale(sub(scale(sigmoid(u), 2), scalar(1)), clamp);
  }
}
