import type { EvaluationSummary } from '../../evaluation/index.js';
import type { ModelMetadata } from '../../inspector/model-metadata.js';
import { counted, countOf, measure, ofThousand, percent } from './numbers.js';
import type { CountedShare, Rates } from './rates.js';

/** What the figures mean for someone who has to decide, one sentence or two a line. */
export function plainWords(
  summary: EvaluationSummary,
  rates: Rates,
  metadata: ModelMetadata,
): readonly string[] {
  return [
    rejectionInWords(rates.goodRejected, metadata),
    findingInWords(rates),
    separationInWords(summary),
    placeInWords(summary),
  ].filter((sentence) => sentence !== undefined);
}

/** Measured on test pictures where there are good ones, else from the calibration; it says which. */
export function rejectionInWords(
  measured: CountedShare | undefined,
  { threshold, calibration }: Pick<ModelMetadata, 'threshold' | 'calibration'>,
): string {
  const { low, high } = threshold.band;
  const alone = `from the ${countOf(calibration.scores.length, 'good picture')} it was set with alone, between ${ofThousand(low)} and ${ofThousand(high)}`;
  if (measured === undefined) {
    return `Of 1,000 good parts about ${ofThousand(threshold.falseRejectRate)} will be rejected: so the threshold was set; ${alone}. It was not measured, for want of good test pictures.`;
  }
  const { hits, count, parts, share, interval } = measured;
  const shown = parts < count ? ` of ${countOf(parts, 'part')}` : '';
  const likely = interval
    ? `, likely between ${ofThousand(interval[0])} and ${ofThousand(interval[1])}`
    : ' (too little was tested to say how exactly)';
  return `Of 1,000 good parts about ${ofThousand(share)} will be rejected${likely}: measured, ${counted(hits)} of ${countOf(count, 'good test picture')}${shown} ${hits === 1 ? 'was' : 'were'} rejected. The threshold was set for ${ofThousand(threshold.falseRejectRate)} of 1,000 (${alone}).`;
}

function findingInWords({ defectsFound, foundByClass }: Rates): string | undefined {
  if (defectsFound === undefined)
    return 'How many defects are found was not measured: there is no defective test picture.';
  if (foundByClass.size === 1) return undefined;
  const { hits, count, interval } = defectsFound;
  const likely = interval
    ? `; of many such, likely between ${percent(interval[0])} and ${percent(interval[1])}`
    : '';
  return `${counted(hits)} of ${counted(count)} defective pictures are found${likely}.`;
}

/** `57 of 60 “crack” are found`, a line for each kind of defect. */
export function classesInWords({ foundByClass }: Rates): readonly string[] {
  return [...foundByClass].map(
    ([name, { hits, count }]) =>
      `${hits === count ? (count === 1 ? 'The only' : `All ${counted(count)}`) : hits === 0 ? `None of ${counted(count)}` : `${counted(hits)} of ${counted(count)}`} “${name}” ${count === 1 ? 'is' : 'are'} found.`,
  );
}

function separationInWords({ image_auroc: auroc }: EvaluationSummary): string | undefined {
  if (auroc === null) return undefined;
  return `A defective picture scores higher than a good one in ${percent(auroc)} of all pairs of the two (AUROC ${measure(auroc)}; guessing gives 50 %).`;
}

function placeInWords({ pixel_auroc: auroc, aupro_30: aupro }: EvaluationSummary): string | undefined {
  if (auroc === null) return undefined;
  const overlap = aupro === null ? '' : `, AUPRO up to 30 % false positives ${measure(aupro)}`;
  return `Where the defect lies: a defective pixel is shown hotter than a good one in ${percent(auroc)} of all pairs (pixel AUROC ${measure(auroc)}${overlap}).`;
}
