import { UserError } from '../../errors.js';
import { describeTree } from './describe-tree.js';
import type { FileTree } from './file-tree.js';
import { looksNotGood } from './folder.js';
import type { DatasetLayout, LayoutReading } from './layout.js';

/** Of a data set that was read and has no good training image. */
export function nothingToLearnFrom(
  root: string,
  tree: FileTree,
  layout: DatasetLayout,
  { images, leftOut }: LayoutReading,
): UserError {
  const found = tree.files.length > 0 ? describeTree(tree) : `${images.length} other images`;
  const unused = leftOut.length > 0 ? `, ${leftOut.length} left out (${leftOut[0].reason})` : '';
  const advice =
    layout.name === 'manifest'
      ? 'name good images in it, for training where it has a column split'
      : 'say with --good and --defective which images are which; csflow data says what was found and skipped';
  return new UserError(
    `${root}: read as ${layout.expects}; it holds no good training image, found ${found}${unused}; ${advice}`,
  );
}

/**
 * Of a folder that lies in no way known.
 * @param expected what the layouts expect
 * @param several folders in it that are data sets
 */
export function unknownLayout(
  root: string,
  tree: FileTree,
  expected: readonly string[],
  several: readonly string[],
): UserError {
  const known = expected.map((expects) => `  ${expects}`).join('\n');
  const advice =
    several.length > 0
      ? `\nIt holds data sets in the folders ${several.join(', ')}: name one of them.`
      : `${whyNotPlain(tree)}\nAny other layout: say with --good and --defective which images are which.`;
  return new UserError(
    `${root}: no known data set, found ${describeTree(tree)}; expected one of\n${known}${advice}`,
  );
}

/** What keeps a folder of pictures from being read as good images only; empty where nothing does. */
function whyNotPlain({ images }: FileTree): string {
  const example = images.find(looksNotGood);
  return example === undefined
    ? ''
    : `\nIt is no plain folder of good images, for there is ${example}: by its name or folder a defective picture, one for a test or a mask.`;
}
