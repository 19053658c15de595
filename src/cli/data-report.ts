import { relative } from 'node:path';
import type { AlikePictures, DatasetInspection } from '../data/index.js';
import type { Dataset, DatasetImage, Layout } from '../data/types.js';
import { countsByClass, kindsOf, maskCounts, partsOf, sizesOf } from './data-counts.js';
import { table, warningLine } from './output.js';
import { summariseSkipped } from './skipped.js';

const layoutNames: Readonly<Record<Layout, string>> = {
  mvtec: 'MVTec AD (also MPDD): train/good, test/<class>, ground_truth/<class>',
  btad: 'BTAD: train/ok, test/ok, test/ko, ground_truth/ko',
  visa: 'VisA: Data/Images/Normal, Data/Images/Anomaly, Data/Masks/Anomaly',
  kolektorsdd: 'KolektorSDD: kosNN/PartN.jpg, PartN_label.bmp',
  'magnetic-tiles': 'magnetic tiles: MT_<Class>/Imgs',
  'good-and-bad': 'good and bad folders',
  patterns: 'as --good and --defective say',
  manifest: 'as the manifest says',
  folder: 'a plain folder of good pictures',
};
const SHOWN = 5;
/** Past this threshold pictures of one part are no longer found, only copies. */
const TOLD_APART = 0.98;

/** What `csflow data` prints for people. */
export function dataText(dataset: Dataset, inspection: DatasetInspection): string {
  const { root, images, layout, division, notes, skipped } = dataset;
  const classes = countsByClass(images);
  const rows: (readonly [string, string])[] = [
    ['data', root],
    ['layout', layoutNames[layout]],
    ['split', division],
    ['pictures', `${images.length}: ${counts(images)}`],
    ['sizes', sizesText(inspection)],
    [
      'kind',
      kindsOf(inspection)
        .map(({ kind, count }) => `${kind} (${count})`)
        .join(', '),
    ],
    ['parts', partsText(images)],
    ['masks', masksText(inspection)],
    ['same file', sameText(inspection)],
    ...alikeRows(root, inspection),
    ...notes.map((note) => ['note', note] as const),
    ...summariseSkipped(skipped).map(({ reason, count }) => ['skipped', `${count}: ${reason}`] as const),
  ];
  const perClass = table([
    ['class', 'training', 'test'],
    ...classes.map(({ name, training, test }) => [name, shownCount(training), shownCount(test)]),
  ]);
  const warnings = inspection.warnings.map(warningLine);
  return [table(rows), perClass, ...(warnings.length > 0 ? [warnings.join('\n')] : [])].join('\n\n');
}

/** The same for machines: every file by its absolute path. */
export function dataJson(dataset: Dataset, inspection: DatasetInspection) {
  const { root, images, layout, split, division, notes, skipped } = dataset;
  const { scale, same, unreadable, warnings } = inspection;
  const alike = (pairs: readonly AlikePictures[]) =>
    pairs.map(({ picture, other, likeness }) => ({
      path: picture.path,
      training_path: other.path,
      likeness,
    }));
  return {
    data: root,
    layout,
    split,
    division,
    notes,
    images: images.length,
    classes: countsByClass(images).map(({ name, label, training, test }) => ({
      class: name,
      label,
      training,
      test,
    })),
    sizes: sizesOf(inspection),
    kinds: kindsOf(inspection),
    parts: partsOf(images),
    masks: maskCounts(inspection),
    same_content: same.map((set) => set.map(({ path, split, label }) => ({ path, split, label }))),
    likeness: { threshold: scale.threshold, common: scale.common, spread: scale.spread },
    alike_in_training_and_test: alike(inspection.alikeAcross),
    alike_in_training: alike(inspection.alikeInTraining),
    unreadable: unreadable.map(({ path, reason }) => ({ path, reason })),
    skipped: skipped.length,
    skipped_reasons: summariseSkipped(skipped),
    skipped_files: skipped.map(({ path, reason }) => ({ path, reason })),
    warnings,
  };
}

function counts(images: readonly DatasetImage[]): string {
  const number = (split: string, label: string) =>
    images.filter((image) => image.split === split && image.label === label).length;
  return `${number('train', 'good')} good ones for training, ${number('test', 'good')} good and ${number('test', 'defective')} defective ones for the test`;
}

function shownCount(count: number): string {
  return count === 0 ? '–' : String(count);
}

function sizesText(inspection: DatasetInspection): string {
  const sizes = sizesOf(inspection);
  const shown = sizes.slice(0, SHOWN).map(({ width, height, count }) => `${width} × ${height} (${count})`);
  if (sizes.length <= SHOWN) return shown.join(', ');
  const range = (of: 'width' | 'height') => {
    const values = sizes.map((size) => size[of]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? String(least) : `${least}–${most}`;
  };
  return `${sizes.length} sizes, ${range('width')} wide and ${range('height')} high; most often ${shown.join(', ')}`;
}

function partsText(images: readonly DatasetImage[]): string {
  const { count, known, training, test, pictures } = partsOf(images);
  if (!known) {
    return 'each picture counts as a part of its own; where a part has several, name it with --group';
  }
  const each = pictures.least === pictures.most ? `${pictures.most}` : `${pictures.least}–${pictures.most}`;
  return `${count}, ${training} in training and ${test} in the test, ${each} pictures each`;
}

function masksText(inspection: DatasetInspection): string {
  const { defective, with_mask, empty, other_size, unreadable } = maskCounts(inspection);
  if (defective === 0) return 'none needed: no defective picture';
  if (with_mask === 0) return 'none: figures for pixels will be left out';
  const problems = [
    [empty, 'empty'],
    [other_size, 'of another size than the picture'],
    [unreadable, 'not readable'],
  ] as const;
  const said = problems.filter(([n]) => n > 0).map(([n, what]) => `, ${n} ${what}`);
  return `${with_mask} of ${defective} defective pictures have one${said.join('')}`;
}

function sameText({ same }: DatasetInspection): string {
  if (same.length === 0) return 'none: no picture is there twice';
  const files = same.reduce((sum, set) => sum + set.length, 0);
  return `${files} files hold ${same.length} picture${same.length === 1 ? '' : 's'}`;
}

function alikeRows(
  root: string,
  { scale, alikeAcross, alikeInTraining }: DatasetInspection,
): readonly (readonly [string, string])[] {
  const common = `different parts commonly have ${scale.common.toFixed(2)} ± ${scale.spread.toFixed(2)}`;
  const from =
    scale.threshold > TOLD_APART
      ? `${common}: too alike to tell a part by its look, only copies of a picture are found`
      : `likeness from ${scale.threshold.toFixed(2)}; ${common}`;
  const pairs = (alike: readonly AlikePictures[]) => [
    ...alike
      .slice(0, SHOWN)
      .map(
        ({ picture, other, likeness }) =>
          [
            '',
            `  ${likeness.toFixed(3)}  ${relative(root, picture.path)}  ${relative(root, other.path)}`,
          ] as const,
      ),
    ...(alike.length > SHOWN ? [['', `  and ${alike.length - SHOWN} more: see --json`] as const] : []),
  ];
  return [
    ['alike', `${alikeAcross.length || 'no'} test pictures look like one in training (${from})`],
    ...pairs(alikeAcross),
    ['', `${alikeInTraining.length || 'no'} training pictures look like another of a different part`],
    ...pairs(alikeInTraining),
  ];
}
