import {
  add,
  clip,
  concat,
  div,
  mul,
  reduceSumSquare,
  allAxes,
  reshape,
  scalar,
  scale,
  sqrt,
  square,
  sub,
  type Node,
} from '../graph/index.js';
import { elementCount, floatTensor } from '../tensor/tensor.js';

/** Adam (Kingma & Ba, 2015) with the weight decay added to the gradient, as PyTorch's `Adam`. */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The published settings of CS-Flow. */
export const defaultAdam: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-4, weightDecay: 1e-5 };

/** √Σ‖g‖² over all gradients. */
export function totalNorm(gradients: readonly Node[]): Node {
  const squares = gradients.map((gradient) => reduceSumSquare(gradient, allAxes(gradient)));
  return sqrt(squares.reduce((sum, part) => add(sum, part)));
}

/** min(1, maxNorm / (norm + 1e-6)): what PyTorch's `clip_grad_norm_` multiplies gradients by. */
export function clipFactor(norm: Node, maxNorm: number): Node {
  return clip(div(scalar(maxNorm), add(norm, scalar(1e-6))), 0, 1);
}

/** Gradients of neighbouring parameters as one flat vector. */
export function flatten(gradients: readonly Node[]): Node {
  const flat = gradients.map((gradient) => {
    const length = elementCount(gradient.type.dims as readonly number[]);
    return reshape(gradient, [length]);
  });
  return flat.length === 1 ? flat[0] : concat(flat, 0);
}

/**
 * What one value is updated from. The moments are those of Adam over (1 − β₁) · w and (1 − β₂) · w², where w is the
 * weight decay, or 1 without one: sums of g/w + θ and of its square need fewer passes over memory than means of
 * g + w · θ.
 */
export interface AdamState {
  readonly parameters: Node;
  readonly firstMoment: Node;
  readonly secondMoment: Node;
}

/** The two factors that change from step to step, both scalars; `biasCorrections` gives their values. */
export interface AdamFactors {
  /** lr / (1 − β₁ᵗ) */
  readonly stepSize: Node;
  /** 1 / (1 − β₂ᵗ) */
  readonly secondMomentCorrection: Node;
}

/**
 * One update of a flat range: θ ← θ − stepSize · m / (√(v · correction) + ε), where g is the gradient times a scalar.
 * Memory sets the pace, so scalars are multiplied with each other wherever that saves a pass over the range.
 */
export function adamUpdate(
  state: AdamState,
  gradient: Node,
  gradientFactor: Node,
  factors: AdamFactors,
  options: AdamOptions,
): AdamState {
  const { beta1, beta2, epsilon, weightDecay } = options;
  if (!(weightDecay === 0 || (weightDecay >= 1e-12 && Number.isFinite(weightDecay)))) {
    throw new RangeError(`weightDecay: expected 0 or a number from 1e-12, got ${weightDecay}`);
  }
  const decays = weightDecay > 0;
  const unit = decays ? weightDecay : 1;
  const scaled = mul(gradient, scale(gradientFactor, 1 / unit));
  const addend = decays ? add(scaled, state.parameters) : scaled;
  const firstMoment = add(scale(state.firstMoment, beta1), addend);
  const secondMoment = add(scale(state.secondMoment, beta2), square(addend));
  // √v̂ is this times the root of the second moment as it is stored.
  const root = scale(sqrt(factors.secondMomentCorrection), Math.sqrt(1 - beta2) * unit);
  const spread = add(sqrt(secondMoment), div(scalar(epsilon), root));
  const step = div(scale(factors.stepSize, (1 - beta1) * unit), root);
  const parameters = sub(state.parameters, mul(div(firstMoment, spread), step));
  return { parameters, firstMoment, secondMoment };
}

/** @param step counted from 1 */
export function biasCorrections(step: number, learningRate: number, { beta1, beta2 }: AdamOptions) {
  return {
    stepSize: learningRate / (1 - beta1 ** step),
    secondMomentCorrection: 1 / (1 - beta2 ** step),
  };
}

/** The inputs of a step that change from one to the next. */
export function adamFeeds(step: number, learningRate: number, options: AdamOptions) {
  const { stepSize, secondMomentCorrection } = biasCorrections(step, learningRate, options);
  return {
    stepSize: floatTensor([], [stepSize]),
    secondMomentCorrection: floatTensor([], [secondMomentCorrection]),
  };
}
