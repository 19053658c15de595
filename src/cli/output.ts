import type { DataWarning } from '../data/types.js';

/** Options every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly threads?: number;
  readonly quiet?: boolean;
}

/** One JSON object on stdout, for machines. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Six significant digits: what a float32 score holds. */
export function shown(value: number | null, digits = 4): string {
  return value === null ? 'undefined' : String(Number(value.toPrecision(digits)));
}

/** Rows as columns of equal width. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function warningLine({ message }: DataWarning): string {
  return `warning: ${message}`;
}

/** The warnings of a report in text, each in a line of its own. */
export function printWarnings(warnings: readonly DataWarning[]): void {
  for (const warning of warnings) print(warningLine(warning));
}
