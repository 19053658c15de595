import { lawSeconds, type Exponent, type GrowthLaw, type MeasuredShape } from '../bench/growth-law.js';
import type { GrowthReport } from '../bench/growth.js';
import { milliseconds, percent, turns } from './bench-figures.js';
import { shown, table } from './output.js';

function timesOf(measured: MeasuredShape, law: GrowthLaw) {
  const { parameters, seconds } = measured;
  return { parameters, seconds, law_s: lawSeconds(law, measured) };
}

export function growthJson({ plan, repeats, points, corners, law }: GrowthReport) {
  const { step, perParameter, perProduct, perValue, medianError, largestError, exponents } = law;
  return {
    base: plan.base,
    repeats,
    points: points.map((point) => ({ varied: point.varied, value: point.value, ...timesOf(point, law) })),
    corners: corners.map((corner) => ({ ...corner.shape, ...timesOf(corner, law) })),
    law: {
      step_s: step,
      s_per_parameter: perParameter,
      s_per_product: perProduct,
      s_per_value: perValue,
      median_error: medianError,
      largest_error: largestError,
    },
    exponents: Object.fromEntries(
      exponents.map(({ of, lastTwo, fitted, from }) => [of, { last_two: lastTwo, fitted, from }]),
    ),
  };
}

const nanoseconds = (seconds: number): string => `${shown(seconds * 1e9, 2)} ns`;

/** What `from` is of: an area is told by its side. */
const sizeNames: Readonly<Record<Exponent['of'], string>> = {
  batch: 'batch',
  area: 'side',
  hidden: 'hidden',
};

export function growthText({ plan, repeats, points, corners, law }: GrowthReport): string {
  const { channels, side, hidden, batch } = plan.base;
  const times = (measured: MeasuredShape): readonly string[] => [
    milliseconds(measured.seconds),
    milliseconds(lawSeconds(law, measured)),
  ];
  const rows = [
    ...points.map((point) => [point.varied, String(point.value), ...times(point)]),
    ...corners.map((corner) => [
      'hidden, batch',
      `${corner.shape.hidden}, ${corner.shape.batch}`,
      ...times(corner),
    ]),
  ];
  const powers = law.exponents.map(
    ({ of, lastTwo, fitted, from }) =>
      `time grows with the ${of} to the power ${lastTwo.toFixed(2)} between the last two points, ` +
      `${fitted.toFixed(2)} over all from ${sizeNames[of]} ${from} on`,
  );
  return [
    `Growth of a training step's time: C ${channels}, map ${side}×${side}, hidden ${hidden}, batch ${batch} where not ` +
      `varied; medians of ${turns(repeats)}`,
    table([['varied', 'to', 'step', 'law'], ...rows]),
    `law: ${milliseconds(law.step)} + ${nanoseconds(law.perParameter)} · parameters + A · ` +
      `(${nanoseconds(law.perProduct)} · C · hidden + ${nanoseconds(law.perValue)} · (C + hidden)), A = batch · side²`,
    `its error: median ${percent(law.medianError)}, largest ${percent(law.largestError)}`,
    ...powers,
  ].join('\n');
}
