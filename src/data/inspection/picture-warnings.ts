import type { DataWarning, SkippedFile } from '../types.js';
import type { InspectedPicture } from './inspection.js';
import { below, pictures as counted } from './leakage-warnings.js';

/** Masks that spoil the pixel figures. */
export function maskWarnings(root: string, pictures: readonly InspectedPicture[]): readonly DataWarning[] {
  const defective = pictures.filter(({ image }) => image.label === 'defective');
  const good = pictures.filter(({ image }) => image.label === 'good');
  const having = (of: readonly InspectedPicture[], kind: InspectedPicture['mask']['kind']) =>
    of.filter(({ mask }) => mask.kind === kind);
  const masked = defective.some(({ mask }) => mask.kind !== 'none');
  const warning = (of: readonly InspectedPicture[], text: string): readonly DataWarning[] => {
    if (of.length === 0) return [];
    const first = of[0].mask.kind === 'none' ? of[0].image.path : of[0].image.maskPath!;
    const message = `${counted(of.length)} ${text} (such as ${below(root, first)})`;
    return [{ code: 'masks', message, files: of.map(({ image }) => image.maskPath ?? image.path) }];
  };
  return [
    ...warning(
      having(pictures, 'other-size'),
      'with a mask of another size, left out of the pixel figures: draw the mask on the picture as it is',
    ),
    ...warning(having(pictures, 'unreadable'), 'with a mask that cannot be read: save it again'),
    ...warning(
      having(defective, 'dim'),
      'defective with a mask in which nothing is over 127, though it is not empty: save masks with 255 where defective',
    ),
    ...warning(having(defective, 'empty'), 'defective with an empty mask: is the label right?'),
    ...warning(having(good, 'filled'), 'good with a mask that shows a defect: is the label right?'),
    ...(masked
      ? warning(having(defective, 'none'), 'defective without a mask, left out of the pixel figures')
      : []),
  ];
}

export function unreadableWarnings(root: string, unreadable: readonly SkippedFile[]): readonly DataWarning[] {
  if (unreadable.length === 0) return [];
  const [{ path, reason }] = unreadable;
  const why = reason.replaceAll(path, below(root, path));
  const message = `${counted(unreadable.length)} cannot be read: remove or replace (${why})`;
  return [{ code: 'unreadable-pictures', message, files: unreadable.map((file) => file.path) }];
}
