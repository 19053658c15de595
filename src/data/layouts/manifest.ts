import { stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { mapConcurrently } from '../map-concurrently.js';
import { divideByPart, keepPartsApart } from './divide-by-part.js';
import { demandNoPattern, groupNaming } from './groups.js';
import { labelNamed } from './label-names.js';
import type {
  DatasetLayout,
  FoundImage,
  LayoutReading,
  LeftOut,
  SplitRule,
  UndividedImage,
} from './layout.js';
import { demandNoWrongLines, readTable, type Table, type WrongLine } from './table-file.js';

const AT_ONCE = 32;
const text = z.string('expected a text').trim().min(1, 'expected a text, got none');
const name = z.union([text, z.number().transform(String)], 'expected a text or a number').optional();

const rowSchema = z.object({
  path: text,
  label: text.transform((value, context) => {
    const label = labelNamed(value);
    if (label !== undefined) return label;
    context.addIssue(`expected good or defective (or ok, ng, normal, abnormal, …), got "${value}"`);
    return z.NEVER;
  }),
  split: text
    .transform((value, context) => {
      const split = value.toLowerCase();
      if (split === 'train' || split === 'test') return split;
      context.addIssue(`expected train or test, got "${value}"`);
      return z.NEVER;
    })
    .optional(),
  class: name,
  group: name,
  mask: text.optional(),
});
const columns = Object.keys(rowSchema.shape);

type Row = z.infer<typeof rowSchema> & { readonly line: number };

/**
 * A manifest: a table (see {@link readTable}) with the columns `path` and `label`, and, as wanted, `split`,
 * `class` (of the defect), `group` (the part) and `mask`. Paths are relative to the manifest's folder, with `/`
 * or `\`. Rows without a split are divided by part (see {@link divideByPart}); a training picture of a tested
 * part is left out, and so is a defective one.
 * @param file the manifest, relative to the tree's root
 */
export function manifestLayout(file: string): DatasetLayout {
  return {
    name: 'manifest',
    expects: `a manifest, ${file}: a CSV or JSONL table with path, label and, as wanted, split, class, group, mask`,
    unusedReason: `not named in ${file}`,
    recognise: () => true,

    async read({ root }, rule): Promise<LayoutReading> {
      const path = join(root, file);
      const table = await readTable(path);
      const rows = await checkedRows(path, table, root);
      const { fixed, free, leftOut } = imagesOf(rows, rule);
      const divided =
        free.length > 0 ? divideByPart(free, rule.known) : { images: [], leftOut: [], division: '' };
      const images = [...fixed, ...divided.images];
      const apart = rule.kind === 'random' ? { images, leftOut: [] } : keepPartsApart(images, 'the test set');
      const own = `as the column split of ${file} says`;
      return {
        images: apart.images,
        leftOut: [...leftOut, ...divided.leftOut, ...apart.leftOut],
        division:
          fixed.length === 0
            ? divided.division
            : free.length === 0
              ? own
              : `${own}; else ${divided.division}`,
        divided: free.length > 0,
        tables: [file],
        notes: ignoredColumns(table, file),
      };
    },
  };
}

/** Whether a table has the columns of a manifest, so that one of another purpose is left alone. */
export async function isManifest(path: string): Promise<boolean> {
  const { rows } = await readTable(path).catch((): Table => ({ rows: [], wrong: [] }));
  return rows.some(({ values }) => 'path' in values && 'label' in values);
}

async function checkedRows(path: string, table: Table, root: string): Promise<readonly Row[]> {
  const wrong: WrongLine[] = [...table.wrong];
  const rows: Row[] = [];
  const seen = new Map<string, number>();
  for (const { line, values } of table.rows) {
    const parsed = rowSchema.safeParse(values);
    if (!parsed.success) {
      wrong.push(...parsed.error.issues.map((issue) => ({ line, problem: problemOf(issue, values) })));
      continue;
    }
    const { data } = parsed;
    const row: Row = {
      ...data,
      line,
      path: placeOf(data.path, root),
      ...(data.mask !== undefined && { mask: placeOf(data.mask, root) }),
    };
    const before = seen.get(row.path);
    if (before !== undefined)
      wrong.push({ line, problem: `path: ${data.path} is in line ${before} already` });
    else rows.push(row);
    seen.set(row.path, before ?? line);
  }
  for await (const missing of mapConcurrently(rows, AT_ONCE, (row) => missingFiles(row, root))) {
    wrong.push(...missing);
  }
  demandNoWrongLines(path, wrong, 'columns path and label, and files that are there');
  return rows;
}

function problemOf(issue: z.core.$ZodIssue, values: Readonly<Record<string, unknown>>): string {
  const column = issue.path.join('.');
  if (values[column] === undefined) return `${column}: expected a value, got none`;
  return `${column}: ${issue.message}`;
}

/** A path of the manifest as in a tree: relative to the root, with `/`. */
function placeOf(path: string, root: string): string {
  const plain = path.replaceAll('\\', '/');
  const below = isAbsolute(plain) ? relative(root, plain) : normalize(plain);
  return below.split(sep).join('/');
}

async function missingFiles(row: Row, root: string): Promise<readonly WrongLine[]> {
  const wrong: WrongLine[] = [];
  for (const column of ['path', 'mask'] as const) {
    const file = row[column];
    if (file === undefined) continue;
    const stats = await stat(resolve(root, file)).catch(() => undefined);
    if (!stats?.isFile()) {
      const problem = stats === undefined ? 'there is no such file' : 'this is no file';
      wrong.push({ line: row.line, problem: `${column}: ${file}: ${problem}` });
    }
  }
  return wrong;
}

function imagesOf(rows: readonly Row[], rule: SplitRule) {
  if (rows.some((row) => row.group !== undefined)) {
    demandNoPattern(rule, 'the manifest names the groups already');
  }
  const groupOf = groupNaming(rule);
  const fixed: FoundImage[] = [];
  const free: UndividedImage[] = [];
  const leftOut: LeftOut[] = [];
  for (const row of rows) {
    const { path: file, label, split, mask } = row;
    const group = rule.kind === 'random' ? file : (row.group ?? groupOf(file));
    const defectClass = label === 'good' ? 'good' : (row.class ?? 'defective');
    const image = { file, label, defectClass, group, ...(mask !== undefined && { mask }) };
    if (split === undefined) free.push(image);
    else if (split === 'train' && label === 'defective') {
      leftOut.push({ file, group, mask, reason: 'defective in training: training takes good images only' });
    } else fixed.push({ ...image, split });
  }
  return { fixed, free, leftOut };
}

function ignoredColumns({ rows }: Table, file: string): readonly string[] {
  const named = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const ignored = [...named].filter((column) => column !== '' && !columns.includes(column));
  if (ignored.length === 0) return [];
  return [`columns of ${file} that are not used: ${ignored.join(', ')} (used are ${columns.join(', ')})`];
}
