import type { EvaluationSummary } from '../../evaluation/index.js';
import type { OutsideRegion } from '../../inspector/outside-region.js';
import type { ModelMetadata } from '../../inspector/model-metadata.js';
import { counted, countOf, measure, ofThousand, percent } from './numbers.js';
import type { CountedShare, Rates } from './rates.js';
import { promiseOf } from './threshold-promise.js';

/** What the figures mean for someone who has to decide, one sentence or two a line. */
export function plainWords(
  summary: EvaluationSummary,
  rates: Rates,
  metadata: ModelMetadata,
  outside?: OutsideRegion,
): readonly string[] {
  return [
    rejectionInWords(rates.goodRejected, metadata),
    findingInWords(rates),
    separationInWords(summary),
    placeInWords(summary),
    outsideInWords(outside),
  ].filter((sentence) => sentence !== undefined);
}

/** Measured on test pictures where there are good ones, else from the calibration; it says which. */
export function rejectionInWords(
  measured: CountedShare | undefined,
  metadata: Pick<ModelMetadata, 'threshold' | 'calibration' | 'data'>,
): string {
  if (measured === undefined) {
    return `${expectationInWords(metadata)} It was not measured, for want of good test pictures.`;
  }
  const { hits, count, parts, share, interval } = measured;
  const shown = parts < count ? ` of ${countOf(parts, 'part')}` : '';
  const likely = interval
    ? `, likely between ${ofThousand(interval[0])} and ${ofThousand(interval[1])}`
    : ' (too little was tested to say how exactly)';
  return `Of 1,000 good parts about ${ofThousand(share)} will be rejected${likely}: measured, ${counted(hits)} of ${countOf(count, 'good test picture')}${shown} ${hits === 1 ? 'was' : 'were'} rejected. ${intentionInWords(metadata)}`;
}

/** What the calibration lets expect where nothing was measured. */
function expectationInWords(metadata: Pick<ModelMetadata, 'threshold' | 'calibration' | 'data'>): string {
  const asked = ofThousand(metadata.threshold.falseRejectRate);
  const band = bandInWords(metadata);
  const promise = promiseOf(metadata);
  switch (promise.kind) {
    case 'kept':
      return `Of 1,000 good parts about ${asked} or fewer will be rejected: so the threshold was set; ${band}.`;
    case 'crossed':
      return `Of 1,000 good parts about ${asked} will be rejected if the model scores them as the flows of the cross-calibration did, which cannot be promised; ${band}.`;
    case 'too-few': {
      const { atMost } = promise;
      const bound = atMost === undefined ? '' : `, and on average no more than ${ofThousand(atMost)}`;
      return `How many good parts will be rejected is known roughly: too few good pictures set the threshold to promise ${asked} of 1,000; ${band} of 1,000${bound}.`;
    }
    case 'none':
      return `Of 1,000 good parts about ${asked} will be rejected at this threshold, which was not set for a share of good parts; ${band}.`;
  }
}

/** What the threshold was set for, beside what was measured. */
function intentionInWords(metadata: Pick<ModelMetadata, 'threshold' | 'calibration' | 'data'>): string {
  const asked = `${ofThousand(metadata.threshold.falseRejectRate)} of 1,000`;
  const band = bandInWords(metadata);
  switch (promiseOf(metadata).kind) {
    case 'kept':
    case 'crossed':
      return `The threshold was set for ${asked} (${band}).`;
    case 'too-few':
      return `The threshold was to reject ${asked}; too few good pictures set it to promise that (${band}).`;
    case 'none':
      return `At this threshold ${asked} were to be expected (${band}).`;
  }
}

function bandInWords({ threshold, calibration }: Pick<ModelMetadata, 'threshold' | 'calibration'>): string {
  const { low, high } = threshold.band;
  const pictures = countOf(calibration.scores.length, 'good picture');
  const known = threshold.origin.kind === 'calibration' ? 'it was set with' : 'that calibrated the model';
  return `from the ${pictures} ${known} alone, between ${ofThousand(low)} and ${ofThousand(high)}`;
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

/** Defects that the model was told not to look at count as defects all the same. */
function outsideInWords(outside: OutsideRegion | undefined): string | undefined {
  if (outside === undefined || outside.images === 0) return undefined;
  const { images, wholly, share } = outside;
  const [where, missed] =
    wholly === 0
      ? ['partly', 'What lies outside cannot be found.']
      : [
          wholly === images ? 'wholly' : `partly, in ${counted(wholly)} of them wholly`,
          `${wholly === 1 ? 'That one cannot be found and counts' : 'Those wholly outside cannot be found and count'} as defective in every figure of pictures.`,
        ];
  return `In ${countOf(images, 'defective picture')} the defect lies ${where} outside the region of interest, where the model does not look (${percent(share)} of all defective pixels). ${missed} Pixel figures count what is inside.`;
}
