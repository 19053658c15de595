import { CsvError, parse } from 'csv-parse/sync';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { messageOf, UserError } from '../../errors.js';

/** A row of a table: values by column, names of columns in lower case. */
export interface TableRow {
  /** Counted from 1, the header included. */
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A row that is no row, and why. */
export interface WrongLine {
  readonly line: number;
  readonly problem: string;
}

export interface Table {
  readonly rows: readonly TableRow[];
  readonly wrong: readonly WrongLine[];
}

const TABLE_EXTENSIONS = new Set(['.csv', '.tsv', '.jsonl', '.ndjson']);
const SHOWN = 20;

/** Whether a name has the extension of a table: `.csv`, `.tsv`, `.jsonl`, `.ndjson`. */
export function isTableName(file: string): boolean {
  return TABLE_EXTENSIONS.has(extname(file).toLowerCase());
}

/**
 * Reads a table in UTF-8: CSV with a header (separated by commas, semicolons or tabs, whichever the header has
 * most of), or one JSON object a line. Empty lines are ignored, spaces around values too.
 * @throws UserError: missing, not UTF-8, empty, quotes that do not end
 */
export async function readTable(path: string): Promise<Table> {
  const text = await readText(path);
  const table = /\.(jsonl|ndjson)$/i.test(path) ? jsonLines(text) : csv(text, path);
  if (table.rows.length === 0 && table.wrong.length === 0) {
    throw new UserError(`${path}: the table has no row; expected a line for each picture`);
  }
  return table;
}

/** @throws UserError naming every wrong line with its number, where there are any */
export function demandNoWrongLines(path: string, wrong: readonly WrongLine[], expected: string): void {
  if (wrong.length === 0) return;
  const sorted = [...wrong].sort((a, b) => a.line - b.line);
  const shown = sorted.slice(0, SHOWN).map(({ line, problem }) => `\n  line ${line}: ${problem}`);
  const rest = sorted.slice(SHOWN).map(({ line }) => line);
  const more = rest.length === 0 ? '' : `\n  and so on in ${rest.length} more lines: ${rest.join(', ')}`;
  const lines = sorted.length === 1 ? '1 line' : `${sorted.length} lines`;
  throw new UserError(`${path}: ${lines} cannot be used; expected ${expected}${shown.join('')}${more}`);
}

async function readText(path: string): Promise<string> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    throw new UserError(`${path}: the table could not be read (${messageOf(error)}); check the path`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new UserError(`${path}: the table is not in UTF-8; save it as UTF-8 (in Excel: "CSV UTF-8")`);
  }
}

function csv(text: string, path: string): Table {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const [delimiter] = [',', ';', '\t'].sort((a, b) => header.split(b).length - header.split(a).length);
  let records: readonly { record: readonly string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UserError(`${path}: this is no CSV (${error.message}); check the quotes`);
  }
  const names = records[0]?.record.map((name) => name.toLowerCase()) ?? [];
  const rows: TableRow[] = [];
  const wrong: WrongLine[] = [];
  for (const { record, info } of records.slice(1)) {
    const filled = record.filter((value) => value !== '').length;
    if (filled === 0) continue;
    if (record.length > names.length && record.slice(names.length).some((value) => value !== '')) {
      const problem = `${record.length} values where the header names ${names.length} columns`;
      wrong.push({ line: info.lines, problem });
      continue;
    }
    const values = Object.fromEntries(names.map((name, i) => [name, record[i] || undefined]));
    rows.push({ line: info.lines, values });
  }
  return { rows, wrong };
}

function jsonLines(text: string): Table {
  const rows: TableRow[] = [];
  const wrong: WrongLine[] = [];
  text.split(/\r\n|\n|\r/).forEach((content, index) => {
    if (content.trim() === '') return;
    const line = index + 1;
    try {
      const value: unknown = JSON.parse(content);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        wrong.push({ line, problem: 'expected a JSON object such as {"path": "a.png", "label": "good"}' });
        return;
      }
      const values: Record<string, unknown> = {};
      for (const [name, of] of Object.entries<unknown>({ ...value })) {
        values[name.toLowerCase()] = of ?? undefined;
      }
      rows.push({ line, values });
    } catch (error) {
      wrong.push({ line, problem: `no JSON (${messageOf(error)})` });
    }
  });
  return { rows, wrong };
}
