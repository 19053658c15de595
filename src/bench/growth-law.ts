import type { GrowthPlan, GrowthShape, Varied } from './growth-plan.js';
import { fitRelative, fittedExponent, relativeErrors, weightedSum } from './least-squares.js';
import { median } from './statistics.js';

export interface MeasuredShape {
  readonly shape: GrowthShape;
  readonly parameters: number;
  /** A training step's, the median over turns. */
  readonly seconds: number;
}

/** A point of a sweep: which size was varied, and to what. */
export interface GrowthPoint extends MeasuredShape {
  readonly varied: Varied;
  readonly value: number;
}

/** Time grows with a size to this power: 1 is linear in what is varied. */
export interface Exponent {
  /** Of batch, area (side²) or hidden width. */
  readonly of: 'batch' | 'area' | 'hidden';
  readonly lastTwo: number;
  /** By least squares of the logarithms, over all points from the base's size on. */
  readonly fitted: number;
  /** The size from which `fitted` counts: batch, side or hidden width. */
  readonly from: number;
}

/** Seconds of a step = step + perParameter · P + A · (perProduct · C · hidden + perValue · (C + hidden)), A = batch · side². */
export interface GrowthLaw {
  readonly step: number;
  readonly perParameter: number;
  readonly perProduct: number;
  readonly perValue: number;
  readonly medianError: number;
  readonly largestError: number;
  readonly exponents: readonly Exponent[];
}

type Sized = Pick<MeasuredShape, 'shape' | 'parameters'>;

/** What a step's time is made of: one for the step itself, the parameters, the products, the passes over maps. */
function termsOf({ shape: { channels, side, hidden, batch }, parameters }: Sized): readonly number[] {
  const positions = batch * side * side;
  return [1, parameters, positions * channels * hidden, positions * (channels + hidden)];
}

/** What the law says of a size, in seconds. */
export function lawSeconds(law: GrowthLaw, point: Sized): number {
  return weightedSum(termsOf(point), [law.step, law.perParameter, law.perProduct, law.perValue]);
}

/** @param corners sizes beside the sweeps, without which the law's parts cannot be told apart */
export function fitGrowth(
  { base }: GrowthPlan,
  points: readonly GrowthPoint[],
  corners: readonly MeasuredShape[],
): GrowthLaw {
  const equations = [...points, ...corners].map((measured) => ({
    terms: termsOf(measured),
    seconds: measured.seconds,
  }));
  const weights = fitRelative(equations);
  const errors = relativeErrors(equations, weights);
  const [step, perParameter, perProduct, perValue] = weights;
  const exponent = (of: Exponent['of'], varied: Varied, power: number): Exponent => {
    const from = base[varied];
    const sweep = points
      .filter((point) => point.varied === varied && point.value >= from)
      .map(({ value, seconds }) => [value ** power, seconds] as const);
    return { of, lastTwo: fittedExponent(sweep.slice(-2)), fitted: fittedExponent(sweep), from };
  };
  return {
    step,
    perParameter,
    perProduct,
    perValue,
    medianError: median(errors),
    largestError: Math.max(...errors),
    exponents: [exponent('batch', 'batch', 1), exponent('area', 'side', 2), exponent('hidden', 'hidden', 1)],
  };
}
