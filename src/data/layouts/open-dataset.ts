import { join, resolve } from 'node:path';
import { UserError } from '../../errors.js';
import { compareText } from '../compare-text.js';
import type { Dataset, DatasetImage, SkippedFile } from '../types.js';
import { describeTree, foldersOf } from './describe-tree.js';
import { isImageName, readFileTree, type FileTree, type UnusedFile } from './file-tree.js';
import { folder } from './folder.js';
import type { DatasetLayout, FoundImage, LayoutReading, SplitRule } from './layout.js';
import { magneticTiles } from './magnetic-tiles.js';
import { mvtec } from './mvtec.js';
import { splitAtRandom } from './random-split.js';

/** In the order in which they are tried; the plain folder takes what is left. */
const layouts: readonly DatasetLayout[] = [mvtec, magneticTiles, folder];

export interface OpenDatasetOptions {
  /**
   * `group` (default): pictures of one part stay on one side. `random`: a fifth of all good images drawn by
   * seed is test, as published figures often have it; parts then leak from test into training.
   */
  readonly split?: 'group' | 'random';
  /** Of the random split: an integer from 0 to 2^32 − 1; default 0. */
  readonly seed?: number;
  /** Names the part in the file name: its first capture group, else the whole match. */
  readonly groupPattern?: RegExp;
  /** Whether a data set without good training images is refused; default true. */
  readonly needsTraining?: boolean;
}

/**
 * Finds out how the data set in `root` lies (MVTec AD, magnetic tiles, a plain folder of good images) and lists
 * its images, sorted by path. Every file that is not used is in `skipped` with the reason; hidden files are
 * ignored. Image files are not opened.
 * @throws UserError: no such folder, no image, no known layout, no good training image, a group pattern that
 * does not match
 */
export async function openDataset(root: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const tree = await readFileTree(resolve(root));
  const layout = layouts.find((candidate) => candidate.recognise(tree));
  const several = layout === undefined || layout === folder ? dataSetsBelow(tree) : [];
  if (layout === undefined || several.length > 0) throw unknownLayout(root, tree, several);

  const rule = splitRule(options);
  const reading = await layout.read(tree, rule);
  const images = rule.kind === 'random' ? splitAtRandom(reading.images, rule.seed) : reading.images;
  if ((options.needsTraining ?? true) && !images.some((image) => image.split === 'train')) {
    throw new UserError(
      `${root}: read as ${layout.expects}; it holds no good training image, found ${describeTree(tree)}` +
        (reading.leftOut.length > 0
          ? `, ${reading.leftOut.length} left out (${reading.leftOut[0].reason})`
          : ''),
    );
  }
  return {
    root: tree.root,
    layout: layout.name,
    images: images.map((image) => absolute(tree.root, image)).sort((a, b) => compareText(a.path, b.path)),
    skipped: skippedFiles(tree, reading, layout),
  };
}

function splitRule({ split = 'group', seed = 0, groupPattern }: OpenDatasetOptions): SplitRule {
  if (split === 'group') return groupPattern === undefined ? { kind: split } : { kind: split, groupPattern };
  if (groupPattern !== undefined) {
    throw new UserError(
      'group pattern: a random split does not keep parts together; leave one of the two out',
    );
  }
  return { kind: split, seed };
}

function absolute(root: string, { file, mask, label, defectClass, split, group }: FoundImage): DatasetImage {
  const path = join(root, file);
  const image = { path, label, defectClass, split, group };
  return mask === undefined ? image : { ...image, maskPath: join(root, mask) };
}

/** Everything that is neither image nor mask, so that no file is passed over in silence. */
function skippedFiles(
  tree: FileTree,
  { images, leftOut }: LayoutReading,
  layout: DatasetLayout,
): SkippedFile[] {
  const accounted = new Set([...images, ...leftOut].flatMap(({ file, mask }) => [file, mask]));
  const others: UnusedFile[] = tree.files
    .filter((file) => !accounted.has(file))
    .map((file) => ({
      file,
      reason: isImageName(file) ? `not in a place known to ${layout.expects}` : 'no image, by its extension',
    }));
  return [...leftOut, ...others, ...tree.unreadable]
    .map(({ file, reason, group }) => ({ path: join(tree.root, file), reason, ...(group && { group }) }))
    .sort((a, b) => compareText(a.path, b.path));
}

function unknownLayout(root: string, tree: FileTree, several: readonly string[]): UserError {
  const known = layouts.map((layout) => `  ${layout.expects}`).join('\n');
  const advice =
    several.length > 0 ? `\nIt holds data sets in the folders ${several.join(', ')}: name one of them.` : '';
  return new UserError(
    `${root}: no known data set, found ${describeTree(tree)}; expected one of\n${known}${advice}`,
  );
}

/** Folders directly below the root that are data sets of their own. */
function dataSetsBelow(tree: FileTree): readonly string[] {
  const hasLayout = (below: FileTree) =>
    layouts.some((layout) => layout !== folder && layout.recognise(below));
  return foldersOf(tree)
    .filter((below) => hasLayout(below.tree))
    .map((below) => below.name);
}
