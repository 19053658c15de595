import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../../errors.js';
import { compareText } from '../compare-text.js';
import type { Dataset, DatasetImage, SkippedFile } from '../types.js';
import { foldersOf } from './describe-tree.js';
import { isImageName, readFileTree, treeOf, type FileTree, type UnusedFile } from './file-tree.js';
import { folder } from './folder.js';
import { goodAndBad } from './good-and-bad.js';
import type { KnownParts } from './known-parts.js';
import { kolektorsdd } from './kolektorsdd.js';
import type { DatasetLayout, FoundImage, LayoutReading, SplitRule } from './layout.js';
import { magneticTiles } from './magnetic-tiles.js';
import { isManifest, manifestLayout } from './manifest.js';
import { patternsLayout } from './patterns.js';
import { splitAtRandom } from './random-split.js';
import { nothingToLearnFrom, unknownLayout } from './refusals.js';
import { isTableName } from './table-file.js';
import { btad, mvtec } from './train-test-folders.js';
import { visa } from './visa.js';

/** In the order in which they are tried; the plain folder takes what is left. */
const layouts: readonly DatasetLayout[] = [mvtec, btad, visa, magneticTiles, kolektorsdd, goodAndBad, folder];

/** A manifest in the root of a folder is used before any layout. */
const manifestNames = ['manifest.csv', 'manifest.jsonl'];
const manifestExpected =
  'a manifest: the name of a .csv or .jsonl table with path, label and, as wanted, split, class, group, mask';

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
  /** Glob patterns of the good images, on paths below the root; default: the layout is found out. */
  readonly good?: readonly string[];
  /** Glob patterns of the defective images. */
  readonly defective?: readonly string[];
  /** Whether a data set without good training images is refused; default true. */
  readonly needsTraining?: boolean;
  /**
   * Parts that keep the side on which they stood when a model was trained, so that more photos move none from one side to
   * the other. Only data without a split of its own is divided so.
   */
  readonly known?: KnownParts;
}

/**
 * Finds out how the data set in `root` lies (MVTec AD, MPDD, BTAD, VisA, magnetic tiles, KolektorSDD, good and bad
 * folders, a manifest, a plain folder of good images, or as the patterns say) and lists its images, sorted by
 * path. `root` may also name a manifest. Every file that is not used is in `skipped` with the reason; hidden files
 * are ignored. Image files are not opened, but for the masks of KolektorSDD.
 * @throws UserError: no such folder, no image, no known layout, no good training image, a group pattern that
 * does not match, a pattern that takes in nothing, a table with wrong lines
 */
export async function openDataset(root: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const rule = splitRule(options);
  const { tree, layout } = await find(root, options);
  const reading = await layout.read(tree, rule);
  const images =
    rule.kind === 'random' ? splitAtRandom(reading.images, rule.seed, rule.known) : reading.images;
  if ((options.needsTraining ?? true) && !images.some((image) => image.split === 'train')) {
    // A few new photos may bear names that were all test before.
    if (options.known !== undefined) return openDataset(root, { ...options, known: undefined });
    throw nothingToLearnFrom(root, tree, layout, reading);
  }
  return {
    root: tree.root,
    layout: layout.name,
    images: images.map((image) => absolute(tree.root, image)).sort((a, b) => compareText(a.path, b.path)),
    skipped: skippedFiles(tree, reading, layout),
    split: rule.kind,
    division:
      rule.kind === 'random'
        ? `at random, seed ${rule.seed}: a fifth of the good pictures is test`
        : reading.division,
    divided: rule.kind === 'random' || (reading.divided ?? false),
    notes: reading.notes ?? [],
  };
}

interface Found {
  readonly tree: FileTree;
  readonly layout: DatasetLayout;
}

async function find(root: string, { good = [], defective = [] }: OpenDatasetOptions): Promise<Found> {
  const path = resolve(root);
  const byPattern = good.length + defective.length > 0;
  if (isTableName(path) && (await isFile(path))) {
    if (byPattern) {
      throw new UsageError(
        `${root}: expected either a manifest or patterns of images, got both; leave one out`,
      );
    }
    return { tree: treeOf(dirname(path), []), layout: manifestLayout(basename(path)) };
  }
  const tree = await readFileTree(path);
  if (byPattern) return { tree, layout: patternsLayout({ good, defective }) };
  for (const name of manifestNames) {
    if (tree.files.includes(name) && (await isManifest(join(path, name)))) {
      return { tree, layout: manifestLayout(name) };
    }
  }
  const layout = layouts.find((candidate) => candidate.recognise(tree));
  const several = layout === undefined || layout === folder ? dataSetsBelow(tree) : [];
  if (layout === undefined || several.length > 0) {
    const expected = [...layouts.map((candidate) => candidate.expects), manifestExpected];
    throw unknownLayout(root, tree, expected, several);
  }
  return { tree, layout };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function splitRule({ split = 'group', seed = 0, groupPattern, known }: OpenDatasetOptions): SplitRule {
  const kept = known && { known };
  if (split === 'group') return { kind: split, ...(groupPattern && { groupPattern }), ...kept };
  if (groupPattern !== undefined) {
    throw new UsageError(
      `group: expected no pattern with --split random, for a random split does not keep parts together; got ${String(groupPattern)}, leave --group or --split random out`,
    );
  }
  return { kind: split, seed, ...kept };
}

function absolute(root: string, image: FoundImage): DatasetImage {
  const { file, mask, label, defectClass, split, group, maskValues } = image;
  return {
    path: resolve(root, file),
    label,
    defectClass,
    split,
    group,
    ...(mask !== undefined && { maskPath: resolve(root, mask) }),
    ...(maskValues !== undefined && { maskValues }),
  };
}

/** Everything that is neither image nor mask, so that no file is passed over in silence. */
function skippedFiles(
  tree: FileTree,
  { images, leftOut, tables = [] }: LayoutReading,
  layout: DatasetLayout,
): SkippedFile[] {
  const accounted = new Set([
    ...tables,
    ...[...images, ...leftOut].flatMap(({ file, mask }) => (mask === undefined ? [file] : [file, mask])),
  ]);
  const unused = layout.unusedReason ?? `not in a place known to ${layout.expects}`;
  const others: UnusedFile[] = tree.files
    .filter((file) => !accounted.has(file))
    .map((file) => ({ file, reason: isImageName(file) ? unused : 'no image, by its extension' }));
  return [...leftOut, ...others, ...tree.unreadable]
    .map(({ file, reason, group }) => ({ path: resolve(tree.root, file), reason, ...(group && { group }) }))
    .sort((a, b) => compareText(a.path, b.path));
}

/** Folders directly below the root that are data sets of their own. */
function dataSetsBelow(tree: FileTree): readonly string[] {
  const hasLayout = (below: FileTree) =>
    manifestNames.some((name) => below.files.includes(name)) ||
    layouts.some((layout) => layout !== folder && layout.recognise(below));
  return foldersOf(tree)
    .filter((below) => hasLayout(below.tree))
    .map((below) => below.name);
}
