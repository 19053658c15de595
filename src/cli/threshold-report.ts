import type { DataWarning, SkippedFile } from '../data/types.js';
import { calibrateSorted, type Calibration } from '../evaluation/index.js';
import type { ImagesThreshold, KnownImages } from '../inspector/choose-threshold.js';
import type { ModelMetadata } from '../inspector/model-metadata.js';
import { goodScoresOf } from '../inspector/model-threshold.js';
import { print, printJson, printWarnings, shown, table } from './output.js';
import { summariseSkipped } from './skipped.js';
import {
  bandConditions,
  bandText,
  calibrationText,
  neededText,
  percent,
  thresholdJson,
  thresholdLines,
} from './threshold-text.js';

const rates = [0.1, 0.05, 0.02, 0.01, 0.005, 0.001];

/** What thresholds a model's good scores give for usual rates. */
export function reportThresholds(path: string, metadata: ModelMetadata, json: boolean): void {
  const good = goodScoresOf(metadata);
  const rows = rates.map((rate) => calibrateSorted(good, rate));
  if (json) {
    printJson({
      path,
      calibration: metadata.calibration.method,
      calibration_images: good.scores.length,
      calibration_parts: metadata.data.calibrationGroups,
      ...thresholdJson(metadata),
      rates: rows.map((row) => ({
        false_reject_rate: row.falseRejectRate,
        threshold: row.threshold,
        threshold_band: [finite(row.thresholdBand.low), finite(row.thresholdBand.high)],
        false_reject_band: [row.band.low, row.band.high],
        enough_calibration_images: row.enough,
        needed_calibration_images: row.neededImages,
      })),
    });
    return;
  }
  const [now, ...more] = thresholdLines(metadata);
  print(`threshold  ${now}`);
  for (const line of more) print(`           ${line}`);
  print(`\nfor other rates, from ${calibrationText(metadata)}:\n`);
  print(
    table([
      ['good rejected', 'threshold', 'is between', 'true rate at it', ''],
      ...rows.map((row) => [
        `${shown(100 * row.falseRejectRate)} %`,
        shown(row.threshold),
        thresholdBandText(row),
        bandText(row.band),
        row.enough ? 'enough images' : `too few: ${neededText(metadata, row.neededImages)} are needed`,
      ]),
    ]),
  );
  const [condition] = bandConditions({
    ...metadata,
    threshold: { ...metadata.threshold, origin: { kind: 'calibration' } },
  });
  print(
    `\nboth with ${percent(rows[0].band.confidence)} confidence${condition === undefined ? '' : `, ${condition}`}; ` +
      'to write one: --false-reject SHARE --out FILE',
  );
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function thresholdBandText({ thresholdBand: { low, high } }: Calibration): string {
  if (low === -Infinity && high === Infinity) return 'unknown';
  if (high === Infinity) return `above ${shown(low)}`;
  return low === -Infinity ? `below ${shown(high)}` : `${shown(low)} to ${shown(high)}`;
}

/** The images that chose a threshold, and what was found with them. */
export interface ScoredKnown {
  readonly known: KnownImages;
  readonly skipped: readonly SkippedFile[];
  /** Pictures that the model was trained or calibrated on. */
  readonly leftOut: readonly string[];
  readonly warnings: readonly DataWarning[];
}

/** A threshold that was asked for, and where it was written to. */
export function reportThreshold(
  metadata: ModelMetadata,
  { threshold, chosen, cost }: Pick<ImagesThreshold, 'threshold'> & Partial<ImagesThreshold>,
  known: ScoredKnown | undefined,
  out: string | undefined,
  json: boolean,
): void {
  if (json) {
    printJson({
      model: out ?? null,
      threshold_before: metadata.threshold.value,
      ...thresholdJson(metadata, threshold),
      ...(chosen && {
        chosen_on: {
          good: chosen.good,
          defective: chosen.defective,
          rejected: chosen.rejected,
          missed: chosen.missed,
          ...(cost !== undefined && { expected_cost: cost }),
        },
      }),
      ...(known && {
        skipped: known.skipped.length,
        skipped_reasons: summariseSkipped(known.skipped),
        left_out_seen_in_training: known.leftOut.length,
        warnings: known.warnings,
      }),
    });
    return;
  }
  const changed = { ...metadata, threshold: { ...metadata.threshold, ...threshold } };
  const [first, ...others] = thresholdLines(changed);
  print(`threshold   ${first}`);
  for (const line of others) print(`            ${line}`);
  if (chosen) {
    const { good, defective, rejected, missed } = chosen;
    print(
      `            of the images it was chosen on ${missed} of ${defective} defective ones are missed, ` +
        `${rejected} of ${good} good ones rejected` +
        (cost === undefined ? '' : `; expected cost ${shown(cost)} a part`),
    );
  }
  if (known) {
    for (const { reason, count } of summariseSkipped(known.skipped)) print(`skipped     ${count}: ${reason}`);
    printWarnings(known.warnings);
  }
  print(`before      ${shown(metadata.threshold.value)}`);
  print(
    out === undefined
      ? 'nothing was written; name a model file with --out (it may be the same)'
      : `wrote       ${out}`,
  );
}
