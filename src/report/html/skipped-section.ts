import type { SkippedFile } from '../../data/types.js';
import { markup, type Markup, type Part } from './markup.js';
import { counted, countOf } from './numbers.js';
import { nameBelow } from './picture-cards.js';
import { dataTable } from './table.js';

/** Names told of each reason; the rest is counted. */
const namesShown = 5;

/** Files that were not used, by reason: nothing is dropped in silence. */
export function skippedSection(skipped: readonly SkippedFile[], root: string): Markup {
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of skipped) {
    const plain = reason.replaceAll(path, '').replace(/^[:\s]+/, '');
    byReason.set(plain, [...(byReason.get(plain) ?? []), nameBelow(root, path)]);
  }
  const names = (files: readonly string[]): Part => [
    files.slice(0, namesShown).join(', '),
    files.length > namesShown && ` and ${countOf(files.length - namesShown, 'more', 'more')}`,
  ];
  return markup`${dataTable({
    id: 'skipped-table',
    caption: 'Files that were not used, or not in full',
    columns: [{ head: 'reason' }, { head: 'files', numeric: true }, { head: 'which' }],
    rows: [...byReason].map(([reason, files]) => [reason, counted(files.length), names(files)]),
  })}`;
}
