import type { DataWarning } from '../types.js';
import type { AlikePictures, DatasetInspection } from './inspection.js';
import { below, pictures } from './leakage-warnings.js';

type Alike = Pick<DatasetInspection, 'scale' | 'alikeAcross' | 'alikeInTraining'>;

export function alikeWarnings(
  root: string,
  { scale, alikeAcross, alikeInTraining }: Alike,
): readonly DataWarning[] {
  const from = `likeness ${scale.threshold.toFixed(2)} and more, commonly ${scale.common.toFixed(2)}`;
  const example = ([{ picture, other, likeness }]: readonly AlikePictures[]) =>
    `${below(root, picture.path)} like ${below(root, other.path)}, ${likeness.toFixed(3)}`;
  const files = (alike: readonly AlikePictures[]) => [
    ...new Set(alike.flatMap(({ picture, other }) => [picture.path, other.path])),
  ];
  const warnings: DataWarning[] = [];
  if (alikeAcross.length > 0) {
    warnings.push({
      code: 'alike-in-training-and-test',
      message: `${pictures(alikeAcross.length)} of the test set look${alikeAcross.length === 1 ? 's' : ''} like one in training (${from}): where both show the same part the figures are flattered; look at them, and name the part with --group or remove one (${example(alikeAcross)})`,
      files: files(alikeAcross),
    });
  }
  if (alikeInTraining.length > 0) {
    warnings.push({
      code: 'alike-in-training',
      message: `${pictures(alikeInTraining.length)} in training look${alikeInTraining.length === 1 ? 's' : ''} like one of another part (${from}): where both show the same part the threshold is set too low, as some of them are held out to set it; name the part with --group (${example(alikeInTraining)})`,
      files: files(alikeInTraining),
    });
  }
  return warnings;
}
