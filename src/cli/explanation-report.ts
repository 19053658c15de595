import type { ExplainedRegion, Explanation, ScaleExplanation } from '../inspector/explain/explanation.js';
import { print, printJson, shown, table } from './output.js';

export interface ShownExplanation {
  readonly path: string;
  readonly explanation: Explanation;
  readonly threshold: number;
  /** Where its picture was written. */
  readonly picture?: string;
}

/** Regions that are told of in text; `--json` has all. */
const regionsShown = 3;

const numbers = (values: Float32Array): readonly number[] =>
  Array.from(values, (value) => Number(shown(value, 6)));

function scaleJson(scale: ScaleExplanation) {
  return {
    scale: scale.scale,
    map_size: scale.mapSize,
    score: scale.score,
    share: scale.share,
    mean_energy: scale.meanEnergy,
    log_det: scale.logDet,
    map: numbers(scale.map),
    distance: numbers(scale.distance),
  };
}

function regionJson({ box, area, peak, positions, shareOfScore, distance, channels }: ExplainedRegion) {
  return { ...box, area, peak, positions, share_of_score: shareOfScore, distance, channels };
}

function printExplanationJson({ path, explanation, threshold, picture }: ShownExplanation): void {
  const { expected, roundTrip } = explanation;
  printJson({
    path,
    score: explanation.score,
    threshold,
    p_value: explanation.pValue,
    defective: explanation.defective,
    scales: explanation.scales.map(scaleJson),
    regions_from: explanation.regionsFrom,
    region_threshold: explanation.regionThreshold,
    regions: explanation.regions.map(regionJson),
    expected: { ...expected, reliable: roundTrip.reliable },
    log_det: explanation.logDet,
    score_with_log_det: explanation.scoreWithLogDet,
    bits_per_dimension: explanation.bitsPerDimension ?? null,
    round_trip: { largest_error: roundTrip.largestError, largest_latent: roundTrip.largestLatent },
    ...(picture !== undefined && { picture }),
  });
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function scaleTable(scales: readonly ScaleExplanation[], logDet: boolean): string {
  const rows = scales.map(({ scale, mapSize, score, share, meanEnergy, logDet: nats }) => [
    `  scale ${scale}`,
    mapSize.join(' × '),
    shown(score),
    percent(share),
    shown(meanEnergy),
    ...(logDet ? [shown(nats)] : []),
  ]);
  const head = ['', 'positions', 'adds', 'share', 'its mean of z²/2', ...(logDet ? ['log |det J|'] : [])];
  return table([head, ...rows]);
}

function regionText(
  { box, area, shareOfScore, distance }: ExplainedRegion,
  number: number,
  { expected: { unit }, roundTrip }: Explanation,
): string {
  const { x, y, width, height } = box;
  const place = `at ${x},${y}, ${width} × ${height} pixels (${shown(100 * area, 2)} % of the picture)`;
  const off = roundTrip.reliable
    ? `; its features are ${shown(distance, 3)} ${unit === 'deviations' ? 'deviations' : 'units'} from what was expected`
    : '';
  return `  region ${number}  ${place}: ${percent(shareOfScore)} of the score${off}`;
}

function printExplanationText(
  { path, explanation, threshold, picture }: ShownExplanation,
  logDet: boolean,
): void {
  const { score, pValue, defective, scales, regions, regionsFrom, expected, roundTrip } = explanation;
  const word = defective ? 'DEFECTIVE' : 'good';
  print(`${path}: ${word}, score ${shown(score)} (threshold ${shown(threshold)}), p ${shown(pValue, 3)}`);
  print(scaleTable(scales, logDet));
  if (regionsFrom === 'highest hundredth')
    print("  nothing is above the pixel threshold: the regions are the map's highest hundredth");
  regions.slice(0, regionsShown).forEach((region, i) => print(regionText(region, i + 1, explanation)));
  if (regions.length > regionsShown) print(`  and ${regions.length - regionsShown} smaller regions`);
  if (roundTrip.reliable) {
    print(
      `  outside of them features are ${shown(expected.outside, 3)} from what was expected; ` +
        `the inverse is exact to ${shown(roundTrip.largestError, 2)}`,
    );
  } else {
    print(
      `  what was expected cannot be told: the inverse gives features back with an error of ` +
        `${shown(roundTrip.largestError, 3)} (largest |z| ${shown(roundTrip.largestLatent, 3)})`,
    );
  }
  if (logDet) {
    const { logDet: nats, scoreWithLogDet, bitsPerDimension } = explanation;
    print(`  log |det J| ${shown(nats)} nats; with it the score is ${shown(scoreWithLogDet)}`);
    print(
      bitsPerDimension === undefined
        ? '  bits per dimension: none, a model that joins all scales repeats features and has no density of them'
        : `  bits per dimension ${shown(bitsPerDimension)}`,
    );
  }
  if (picture !== undefined) print(`  → ${picture}`);
}

/** Why an image has its score, for people or as one JSON line. */
export function printExplanation(
  shownExplanation: ShownExplanation,
  { json, logDet }: { readonly json: boolean; readonly logDet: boolean },
): void {
  if (json) printExplanationJson(shownExplanation);
  else printExplanationText(shownExplanation, logDet);
}
