import type { ModelMetadata } from './model-metadata.js';

/** Below so many parts each new one still changes what the model takes for good. */
const fewParts = 20;
/** Below so many parts the threshold moves a lot from draw to draw. */
const fewCalibrationParts = 20;

const crossAdvice = '--calibrate cross sets it with all of them';
/** What a continued training has learned from can set no threshold. */
const continuedAdvice =
  'give more new photos, of which some are held out, or train anew on all, with --calibrate cross and without --from';

/**
 * What too few good images spoil, in plain words: the learning, the threshold. The rate has a warning of its own beside
 * the threshold. The figures are those of docs/few-images.md.
 * @param learnedParts physical parts that the images learned from show, those of earlier trainings too
 */
export function fewImagesWarnings(
  learnedParts: number,
  { calibration, data, from }: Pick<ModelMetadata, 'calibration' | 'data' | 'from'>,
): readonly string[] {
  const warnings: string[] = [];
  if (learnedParts < fewParts) {
    warnings.push(
      `${learnedParts} ${learnedParts === 1 ? 'part' : 'parts'} to learn from are few: good parts that differ from them ` +
        'look defective; 50 or more are better, and csflow learning-curve says whether more would help',
    );
  }
  if (calibration.method.kind === 'split' && data.calibrationGroups < fewCalibrationParts) {
    warnings.push(
      `a threshold from ${data.calibrationGroups} held-out ${data.calibrationGroups === 1 ? 'part' : 'parts'} depends on ` +
        `which were drawn and may reject many good ones; ${from === undefined ? crossAdvice : continuedAdvice}`,
    );
  }
  return warnings;
}
