import { relative } from 'node:path';
import type { Dataset, DatasetImage, DataWarning } from '../types.js';

export function randomSplitWarnings({ split }: Pick<Dataset, 'split'>): readonly DataWarning[] {
  if (split !== 'random') return [];
  const message =
    'the split is random: pictures of one part may be in training and in test, which flatters every figure; leave --split random out, and name the part with --group';
  return [{ code: 'random-split', message, files: [] }];
}

/** @param sets pictures with the same content, each set at least two */
export function contentWarnings(
  root: string,
  sets: readonly (readonly DatasetImage[])[],
): readonly DataWarning[] {
  const isGood = (image: DatasetImage) => image.label === 'good';
  const isTest = (image: DatasetImage) => image.split === 'test';
  const mixed = (same: readonly DatasetImage[], is: (image: DatasetImage) => boolean) =>
    same.some(is) && !same.every(is);
  const labels = sets.filter((same) => mixed(same, isGood));
  const across = sets.filter((same) => mixed(same, isTest));
  const others = sets.filter((same) => !labels.includes(same) && !across.includes(same));
  const warning = (
    code: DataWarning['code'],
    of: readonly (readonly DatasetImage[])[],
    count: number,
    text: (is: string) => string,
    differ: (image: DatasetImage) => boolean,
  ): readonly DataWarning[] => {
    if (of.length === 0) return [];
    const [first, second] = pairOf(of[0], differ).map(({ path }) => below(root, path));
    const message = `${pictures(count)} ${text(count === 1 ? 'is' : 'are')} (${first} is ${second})`;
    return [{ code, message, files: of.flat().map(({ path }) => path) }];
  };
  return [
    ...warning(
      'same-picture-in-training-and-test',
      across,
      across.flat().filter(isTest).length,
      (is) =>
        `of the test set ${is} in training too, with the same content: figures from them say nothing about new parts; remove one of each`,
      isTest,
    ),
    ...warning(
      'same-picture-good-and-defective',
      labels,
      labels.length,
      (is) =>
        `${is} among the good and among the defective ones: one of the labels is wrong; remove one of each`,
      isGood,
    ),
    ...warning(
      'same-picture-again',
      others,
      others.flat().length - others.length,
      (is) => `${is} there again with the same content and would count twice; remove the copies`,
      (image) => image === others[0][0],
    ),
  ];
}

/** One picture that is so and one that is not. */
function pairOf(
  same: readonly DatasetImage[],
  is: (image: DatasetImage) => boolean,
): readonly DatasetImage[] {
  return [same.find(is)!, same.find((image) => !is(image))!];
}

export function pictures(n: number): string {
  return n === 1 ? '1 picture' : `${n.toLocaleString('en')} pictures`;
}

/** A path as a message shows it. */
export function below(root: string, path: string): string {
  return relative(root, path) || path;
}
