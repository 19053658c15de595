import type { ClassSummary, EvaluationFigures, EvaluationSummary } from '../evaluation/index.js';
import type { Evaluation } from '../inspector/evaluate.node.js';
import type { EvaluationFiles } from './evaluation-folder.js';
import { figuresTable, pixelTable, shownInterval } from './evaluation-tables.js';
import { print, printJson, printWarnings, shown } from './output.js';
import { summariseSkipped } from './skipped.js';

/**
 * What an evaluation found, as one JSON object.
 * @param report the files it was written to; null where they were asked for and could not be written
 */
export function printEvaluationJson(
  { summary, pixelImages, outsideRegion, skipped, leftOut, choseThreshold, warnings }: Evaluation,
  report?: EvaluationFiles | null,
): void {
  printJson({
    ...summary,
    pixel_images: pixelImages,
    ...(outsideRegion && {
      defects_outside_region: {
        images: outsideRegion.images,
        wholly: outsideRegion.wholly,
        pixel_share: outsideRegion.share,
      },
    }),
    skipped: skipped.length,
    skipped_reasons: summariseSkipped(skipped),
    left_out_seen_in_training: leftOut.length,
    threshold_chosen_on: choseThreshold,
    warnings,
    ...(report !== undefined && { report }),
  });
}

/** What an evaluation found, for people. */
export function printEvaluation({
  summary,
  pixelImages,
  outsideRegion,
  skipped,
  choseThreshold,
  warnings,
}: Evaluation): void {
  const { good, defective, false_reject_rate, missed, intervals } = summary;
  print(`${summary.images} test images: ${good} good, ${defective} defective`);
  print(`at the threshold ${shown(summary.threshold)}:`);
  if (defective > 0) {
    print(
      `  ${defective - missed} of ${defective} defective parts found, ${share(summary.recall, intervals.recall)}`,
    );
  }
  if (false_reject_rate !== null) {
    const rejected = Math.round(false_reject_rate * good);
    print(
      `  ${rejected} of ${good} good parts rejected, ${share(false_reject_rate, intervals.false_reject_rate)}`,
    );
  }
  print(`\n${figuresTable(summary)}`);
  print(
    `over all: AP ${shownInterval(intervals.image_ap)}, F1-max ${shownInterval(intervals.f1_max)} ` +
      `(highest at score ≥ ${shown(summary.f1_max_threshold)}), FPR ${shownInterval(intervals.fpr_at_tpr95)}`,
  );
  if (summary.regions !== null) {
    print(`\n${pixelTable(summary)}`);
    print(
      `over all: AP ${shownInterval(intervals.pixel_ap)}, F1-max ${shownInterval(intervals.pixel_f1_max)}, ` +
        `FPR ${shownInterval(intervals.pixel_fpr_at_tpr95)}, AUPRO(0.05) ${shownInterval(intervals.aupro_05)}, ` +
        `regions at F1-max ${shownInterval(intervals.region_recall_at_f1_max)}`,
    );
    print(
      `from ${pixelImages} images, at their own sizes up to 4 million pixels; pixel F1 is highest at ≥ ${shown(summary.pixel_f1_max_threshold)}; ` +
        `a region is found where at least one of its pixels is, at the pixel threshold ${shown(summary.pixel_threshold)} or at that of F1`,
    );
  }
  const { good_parts, defective_parts, resamples, seed } = summary.interval_method;
  print(
    `\n[low, high]: 95 % confidence intervals over ${good_parts} good and ${defective_parts} defective parts ` +
      `(BCa bootstrap by part, ${resamples} draws, of pixels 1000 at most, seed ${seed}; single images or regions found or rejected: Clopper–Pearson)`,
  );
  for (const line of reasonLines(summary)) print(line);
  if (choseThreshold > 0) {
    print(
      `the threshold was chosen on ${choseThreshold} of these images: what is found and rejected at it flatters`,
    );
  }
  if (outsideRegion !== undefined && outsideRegion.images > 0) {
    print(
      `outside the region of interest: ${shown(100 * outsideRegion.share, 2)} % of the defective pixels, in ${outsideRegion.images} images, ` +
        `${outsideRegion.wholly} of them wholly; pixel figures count what is inside`,
    );
  }
  for (const { reason, count: files } of summariseSkipped(skipped)) print(`skipped ${files}: ${reason}`);
  printWarnings(warnings);
}

function share(value: number | null, interval: readonly [number, number] | null): string {
  return `${value === null ? 'undefined' : shown(100 * value, 3)} % ${
    interval === null ? '[undefined]' : shownInterval([100 * interval[0], 100 * interval[1]])
  }`;
}

/** One line a reason, with what is undefined for it; a class's own reasons follow. */
function reasonLines(summary: EvaluationSummary): readonly string[] {
  const classes = Object.entries(summary.per_class).flatMap(([name, own]: [string, ClassSummary]) =>
    reasonsOf(own)
      .filter(([figure, reason]) => summary.undefined_because[figure] !== reason)
      .map(([figure, reason]) => [`${name} ${figure}`, reason] as const),
  );
  const reasons = new Map<string, string[]>();
  for (const [figure, reason] of [...reasonsOf(summary), ...classes]) {
    reasons.set(reason, [...(reasons.get(reason) ?? []), figure]);
  }
  return [...reasons].map(([reason, figures]) => `undefined, since ${reason}: ${figures.join(', ')}`);
}

/** An undefined figure's interval goes without saying. */
function reasonsOf({
  undefined_because: reasons,
}: EvaluationFigures): readonly (readonly [string, string])[] {
  return Object.entries(reasons).filter(
    ([name]) => !(name.replace(/^intervals\./, '') in reasons) || !name.startsWith('intervals.'),
  );
}
