import { calibrationShare } from '../data/index.js';
import type { RateBand } from '../evaluation/index.js';
import type { ModelMetadata, ThresholdOrigin } from '../inspector/model-metadata.js';
import { choseItself, type ImageThreshold } from '../inspector/model-threshold.js';
import { shown } from './output.js';

/** Two significant digits, in per cent. */
export const percent = (share: number): string => `${shown(100 * share, 2)} %`;

export const bandText = ({ low, high }: Pick<RateBand, 'low' | 'high'>): string =>
  `${percent(low)} to ${percent(high)}`;

/** What a threshold is, how it was made and what is known of it: a line and some more. */
export function thresholdLines(metadata: ModelMetadata): readonly string[] {
  const { threshold } = metadata;
  const { value, band, enough, origin } = threshold;
  const lines = [
    `${shown(value)}, ${originText(threshold)}`,
    `known from ${calibrationText(metadata)}`,
    `good images rejected: ${bandText(band)}, with ${percent(band.confidence)} confidence`,
  ];
  lines.push(...bandConditions(metadata));
  if (!enough) lines.push(...tooFewLines(metadata));
  if ('images' in origin) {
    lines.push(
      `figures at this threshold flatter on the ${origin.images.length} test images it was chosen on`,
    );
  }
  return lines;
}

/** What the band takes for granted. */
export function bandConditions({ calibration, threshold }: ModelMetadata): readonly string[] {
  return [
    ...(calibration.method.kind === 'cross'
      ? ['as far as the flow of the model scores new images like the flows of the folds do']
      : []),
    ...(choseItself(threshold.origin)
      ? ['these scores helped to choose the threshold: the band is as wide as to hold for any choice']
      : []),
  ];
}

function originText({ origin, falseRejectRate }: Pick<ImageThreshold, 'origin' | 'falseRejectRate'>): string {
  const expected = `about ${percent(falseRejectRate)} of good parts rejected`;
  switch (origin.kind) {
    case 'calibration':
      return `for ${shown(100 * falseRejectRate)} % of good parts rejected`;
    case 'value':
      return `set by hand: ${expected}`;
    case 'cost':
      return (
        `of the least cost where a missed defect costs ${origin.costMissed}, a rejected good part ` +
        `${origin.costRejected} and ${percent(origin.defectShare)} are defective: ${expected}`
      );
    case 'f1':
      return `of the largest F1, ${shown(origin.f1)}: ${expected}`;
  }
}

/** `120 good images of 20 parts held out`. */
export function calibrationText({ calibration, data }: ModelMetadata): string {
  const images = calibration.scores.length;
  const parts = data.calibrationGroups < images ? ` of ${data.calibrationGroups} parts` : '';
  const { method } = calibration;
  switch (method.kind) {
    case 'split':
      return `${images} good images${parts} held out`;
    case 'cross':
      return `${images} good images${parts}, each scored by one of ${method.folds} flows that had not seen it`;
  }
}

/** Where each calibration image shows another part, parts are images. */
const partsWord = ({ calibration, data }: ModelMetadata): string =>
  data.calibrationGroups < calibration.scores.length ? 'parts' : 'good images';

/** `99 parts`. */
export function neededText(metadata: ModelMetadata, neededImages: number): string {
  return `${neededImages} ${partsWord(metadata)}`;
}

function tooFewLines(metadata: ModelMetadata): readonly string[] {
  const { threshold, calibration, data, from } = metadata;
  const needed = neededText(metadata, threshold.neededImages);
  const highest = 'the highest score among them is the threshold';
  if (calibration.method.kind === 'cross') {
    return [`too few to promise that rate: at least ${needed} are needed; ${highest}`];
  }
  const tooFew = `too few to promise that rate: at least ${needed} held out are needed; ${highest}`;
  if (from !== undefined) {
    // Only new photos can be held out: the others have been learned from.
    const missing = Math.max(0, threshold.neededImages - data.calibrationGroups);
    const more = Math.ceil(missing / calibrationShare - 1e-9);
    return [
      tooFew,
      `that takes about ${more} more new ${partsWord(metadata)} for train --from, or a training anew with --calibrate cross on ${needed}`,
    ];
  }
  const all = data.trainingImages.length + data.calibrationImages.length;
  const images = Math.ceil((threshold.neededImages * all) / data.calibrationGroups);
  return [
    tooFew,
    `that takes about ${images} good training images in all, or ${needed} with train --calibrate cross`,
  ];
}

/** A threshold of a model for machines; default: the one in use. */
export function thresholdJson(metadata: ModelMetadata, threshold: ImageThreshold = metadata.threshold) {
  const conditions = bandConditions({ ...metadata, threshold: { ...metadata.threshold, ...threshold } });
  return {
    threshold: threshold.value,
    threshold_origin: withoutImages(threshold.origin),
    false_reject_rate: threshold.falseRejectRate,
    false_reject_band: [threshold.band.low, threshold.band.high],
    band_confidence: threshold.band.confidence,
    ...(conditions.length > 0 && { band_conditions: conditions }),
    enough_calibration_images: threshold.enough,
    needed_calibration_images: threshold.neededImages,
  };
}

function withoutImages(origin: ThresholdOrigin) {
  if (!('images' in origin)) return origin;
  const { images, ...rest } = origin;
  return { ...rest, images: images.length };
}
