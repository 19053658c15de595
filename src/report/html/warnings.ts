import { counted, countOf, ofThousand, percent } from './numbers.js';
import type { Rates } from './rates.js';
import type { ReportInput } from './report-input.js';

/** Fewer pictures than this leave an interval too wide to decide by. */
const fewPictures = 20;

/** What a reader must know before believing the figures, the weightiest first. */
export function warningsOf({ evaluation, model }: ReportInput, rates: Rates): readonly string[] {
  const { skipped, choseThreshold } = evaluation;
  const { threshold, calibration } = model.metadata;
  const warnings: string[] = evaluation.warnings.map(({ message }) => message);
  if (choseThreshold > 0) {
    warnings.push(
      `The threshold was chosen on ${counted(choseThreshold)} of these test pictures: what is found and rejected at it flatters.`,
    );
  }
  if (!threshold.enough) {
    warnings.push(
      `Too few good pictures set the threshold: to know a rate of ${percent(threshold.falseRejectRate)} it takes ${counted(threshold.neededImages)} of different parts, there were ${countOf(calibration.scores.length, 'picture')} of ${countOf(model.metadata.data.calibrationGroups, 'part')}. More good parts may be rejected than asked for. Train with more good pictures, or ask for a higher rate.`,
    );
  }
  const { goodRejected, defectsFound, foundByClass } = rates;
  const atLeast = goodRejected?.interval?.[0] ?? 0;
  if (atLeast > threshold.falseRejectRate) {
    const asked = threshold.origin.kind === 'calibration' ? 'asked for' : 'expected';
    warnings.push(
      `More good pictures are rejected than ${asked}: at least ${ofThousand(atLeast)} of 1,000, not ${ofThousand(threshold.falseRejectRate)}. ${
        atLeast > threshold.band.high
          ? 'The test pictures may differ from those learned from (light, camera, position, material); train with pictures like them.'
          : `So few good pictures set the threshold that up to ${ofThousand(threshold.band.high)} may be; train with more of them.`
      }`,
    );
  }
  if (goodRejected === undefined) {
    warnings.push('There is no good test picture: how many good parts are rejected is not measured.');
  } else if (goodRejected.count < fewPictures) {
    warnings.push(
      `Only ${countOf(goodRejected.count, 'good test picture')}: the share of good parts rejected is known roughly.`,
    );
  }
  if (defectsFound === undefined) {
    warnings.push('There is no defective test picture: how many defects are found is not measured.');
  }
  const rare = [...foundByClass].filter(([, { count }]) => count < fewPictures);
  if (rare.length > 0) {
    const names = rare.map(([name, { count }]) => `“${name}” (${counted(count)})`);
    warnings.push(
      `Few test pictures of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${countOf(names.length - 8, 'other kind')}` : ''}: what is found of them is known roughly.`,
    );
  }
  if (skipped.length > 0) {
    warnings.push(`${countOf(skipped.length, 'file was', 'files were')} not used; the reasons are below.`);
  }
  return warnings;
}
