import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { divideByPart, keepPartsApart } from './divide-by-part.js';
import { stemOf, type FileTree } from './file-tree.js';
import { groupNaming } from './groups.js';
import type { DatasetLayout, FoundImage, LayoutReading, LeftOut, UndividedImage } from './layout.js';
import { demandNoWrongLines, readTable, type WrongLine } from './table-file.js';

const PICTURE = /^((?:[^/]+\/)?)Data\/Images\/(Normal|Anomaly)\//i;
const MASK = /^(?:[^/]+\/)?Data\/Masks\//i;
const SPLIT_TABLE = 'split_csv/1cls.csv';
const CLASSES_TABLE = 'image_anno.csv';

const splitRow = z.object({
  split: z.enum(['train', 'test'], 'expected train or test'),
  label: z.enum(['normal', 'anomaly'], 'expected normal or anomaly'),
  image: z.string('expected the path of an image'),
});

/**
 * VisA (Zou et al., 2022), one category: `Data/Images/{Normal,Anomaly}/*` with masks `Data/Masks/Anomaly/*.png`
 * that hold numbers of defect classes, so that every pixel but 0 is defective. The root is the category's folder or
 * the folder above it that holds no other. The split is the one of `split_csv/1cls.csv`, in the root or beside the
 * category; without it {@link divideByPart}. `image_anno.csv` of the category names the classes of defects.
 */
export const visa: DatasetLayout = {
  name: 'visa',
  expects:
    'VisA, one category: Data/Images/Normal/*, Data/Images/Anomaly/*, Data/Masks/Anomaly/*.png, with split_csv/1cls.csv beside the category',

  recognise: (tree) => categoriesIn(tree).size === 1,

  async read(tree, rule): Promise<LayoutReading> {
    const [prefix] = categoriesIn(tree);
    const category = prefix === '' ? basename(tree.root) : prefix.slice(0, -1);
    const groupOf = groupNaming(rule);
    const classes = await defectClasses(tree, prefix);
    const masks = new Map(
      tree.images
        .filter((file) => MASK.test(file))
        .map((file) => [imageKey(stemOf(file).slice(`${prefix}Data/Masks/`.length)), file]),
    );
    const found = tree.images
      .filter((file) => PICTURE.test(file))
      .map((file): UndividedImage => {
        const below = file.slice(prefix.length);
        const defective = PICTURE.exec(file)![2].toLowerCase() === 'anomaly';
        const mask = masks.get(imageKey(stemOf(below).slice('Data/Images/'.length)));
        return {
          file,
          label: defective ? 'defective' : 'good',
          defectClass: defective ? (classes.get(imageKey(below)) ?? 'anomaly') : 'good',
          group: groupOf(file),
          ...(mask !== undefined && { mask, maskValues: 'nonzero' }),
        };
      });
    const owned = new Set(found.map((image) => image.mask));
    const unowned = [...masks.values()]
      .filter((mask) => !owned.has(mask))
      .map((file) => ({ file, reason: 'a mask that belongs to no picture in Data/Images' }));
    const tables = [SPLIT_TABLE, prefix + CLASSES_TABLE].filter((file) => tree.files.includes(file));
    const table = await splitTable(tree, category);
    if (table === undefined) {
      const divided = divideByPart(found, rule.known);
      const division = `${divided.division} (${SPLIT_TABLE} has nothing of ${category})`;
      return { ...divided, division, leftOut: [...unowned, ...divided.leftOut], tables };
    }
    const { images, leftOut } = divideByTable(found, table, prefix);
    const apart = rule.kind === 'random' ? { images, leftOut: [] } : keepPartsApart(images, 'the test set');
    return {
      images: apart.images,
      leftOut: [...unowned, ...leftOut, ...apart.leftOut],
      division: `as ${SPLIT_TABLE} says`,
      tables,
    };
  },
};

/** What stands before `Data/` in each category of a tree. */
function categoriesIn({ images }: FileTree): ReadonlySet<string> {
  return new Set(images.map((file) => PICTURE.exec(file)?.[1]).filter((prefix) => prefix !== undefined));
}

/** By place of the image below the category, see {@link imageKey}. */
type Splits = ReadonlyMap<string, { readonly place: string; readonly split: FoundImage['split'] }>;

/** Undefined where there is no table, or nothing of the category in it. */
async function splitTable({ root }: FileTree, category: string): Promise<Splits | undefined> {
  for (const path of [join(root, SPLIT_TABLE), join(root, '..', SPLIT_TABLE)]) {
    if (!(await isFile(path))) continue;
    const { rows, wrong } = await readTable(path);
    const problems: WrongLine[] = [...wrong];
    const splits = new Map<string, { place: string; split: FoundImage['split'] }>();
    for (const { line, values } of rows) {
      const parsed = splitRow.safeParse(values);
      if (!parsed.success) {
        const [{ path: place, message }] = parsed.error.issues;
        problems.push({ line, problem: `${place.join('.')}: ${message}` });
      } else if (parsed.data.image.startsWith(`${category}/`)) {
        const place = parsed.data.image.slice(category.length + 1);
        splits.set(imageKey(place), { place, split: parsed.data.split });
      }
    }
    demandNoWrongLines(path, problems, 'the columns object, split, label, image, mask');
    if (splits.size > 0) return splits;
  }
  return undefined;
}

function divideByTable(
  found: readonly UndividedImage[],
  splits: Splits,
  prefix: string,
): Pick<LayoutReading, 'images' | 'leftOut'> {
  const images: FoundImage[] = [];
  const leftOut: LeftOut[] = [];
  for (const image of found) {
    const split = splits.get(imageKey(image.file.slice(prefix.length)))?.split;
    const { file, mask, label } = image;
    if (split === undefined) leftOut.push({ file, mask, reason: `not named in ${SPLIT_TABLE}` });
    else if (split === 'train' && label === 'defective') {
      leftOut.push({ file, mask, reason: 'defective in training: training takes good images only' });
    } else images.push({ ...image, split });
  }
  const there = new Set(found.map(({ file }) => imageKey(file.slice(prefix.length))));
  for (const [key, { place }] of splits) {
    if (!there.has(key))
      leftOut.push({ file: prefix + place, reason: `named in ${SPLIT_TABLE}, but not there` });
  }
  return { images, leftOut };
}

/** The class of each defective image; several classes in one image are `combined`. */
async function defectClasses(
  { root, files }: FileTree,
  prefix: string,
): Promise<ReadonlyMap<string, string>> {
  const file = prefix + CLASSES_TABLE;
  if (!files.includes(file)) return new Map();
  const { rows } = await readTable(join(root, file));
  const classes = new Map<string, string>();
  for (const { values } of rows) {
    const { image, label } = values;
    if (typeof image !== 'string' || typeof label !== 'string' || label === 'normal') continue;
    const names = label.split(',').map((name) => name.trim().toLowerCase());
    const place = /Data\/Images\/.*/i.exec(image)?.[0];
    if (place !== undefined) classes.set(imageKey(place), names.length === 1 ? names[0] : 'combined');
  }
  return classes;
}

/** Case differs between the table, the folders and the files of some copies. */
function imageKey(place: string): string {
  return place.toLowerCase();
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
