import { atan, scalar, scale, sigmoid, sub, tanh, type Node } from '../graph/index.js';

export const clampKinds = ['atan', 'tanh', 'sigmoid'] as const;
/** The function that keeps a log-scale within ± clamp. */
export type ClampKind = (typeof clampKinds)[number];

export interface LogScaleOptions {
  /** Bound of the log-scale; 0 leaves it free. */
  readonly clamp: number;
  /** Default `atan`, as CS-Flow. */
  readonly clampKind?: ClampKind;
}

/** @throws RangeError for a clamp below 0 or an unknown kind */
export function demandClamp({ clamp, clampKind = 'atan' }: LogScaleOptions): void {
  if (!(clamp >= 0 && Number.isFinite(clamp))) {
    throw new RangeError(`clamp: expected a number from 0, got ${clamp}`);
  }
  if (!clampKinds.includes(clampKind)) {
    throw new RangeError(`clampKind: expected ${clampKinds.join(', ')}, got ${String(clampKind)}`);
  }
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
