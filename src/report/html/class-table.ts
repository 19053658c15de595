import type { EvaluationFigures, EvaluationSummary } from '../../evaluation/index.js';
import { markup, type Markup } from './markup.js';
import { counted, measure, percent, percentNumber } from './numbers.js';
import type { CountedShare, Rates } from './rates.js';
import { dataTable } from './table.js';

/** What is found of each kind of defect, and what is rejected of the good. */
export function classTable(
  summary: EvaluationSummary,
  { foundByClass, defectsFound, goodRejected }: Rates,
): Markup {
  const rows = [
    ...[...foundByClass].map(([name, found]) => [name, ...cellsOf(found), aurocOf(summary.per_class[name])]),
    ...(defectsFound && foundByClass.size > 1
      ? [['all defects', ...cellsOf(defectsFound), aurocOf(summary)]]
      : []),
    ...(goodRejected ? [['good (rejected)', ...cellsOf(goodRejected), '–']] : []),
  ];
  return dataTable({
    id: 'class-table',
    caption:
      'Rejected at the model’s threshold: of defects the more the better, of good pictures the fewer. Intervals hold the true value with 95 % confidence; AUROC compares the kind with all good pictures.',
    columns: [
      { head: 'kind of picture' },
      { head: 'pictures', numeric: true },
      { head: 'rejected', numeric: true },
      { head: 'share', numeric: true },
      { head: '95 % interval', numeric: true },
      { head: '0 to 100 %' },
      { head: 'AUROC', numeric: true },
    ],
    rows,
  });
}

function aurocOf({ image_auroc: auroc, intervals }: EvaluationFigures): string {
  if (auroc === null) return 'undefined';
  const interval = intervals.image_auroc;
  return interval === null
    ? measure(auroc)
    : `${measure(auroc)} (${measure(interval[0])}–${measure(interval[1])})`;
}

function cellsOf({ hits, count, share, interval }: CountedShare) {
  return [
    counted(count),
    counted(hits),
    percent(share),
    interval ? `${percentNumber(interval[0])}–${percentNumber(interval[1])} %` : 'undefined',
    intervalBar(share, interval ?? [share, share]),
  ];
}

/** A line from 0 to 100 % with the interval and the share on it; the cells beside it say the same. */
function intervalBar(share: number, [low, high]: readonly [number, number]): Markup {
  const x = (value: number): string => (2 + 96 * value).toFixed(1);
  return markup`<svg class="interval" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false"><line x1="2" x2="98" y1="6" y2="6" stroke="var(--line)" stroke-width="1.5" vector-effect="non-scaling-stroke"/><line x1="${x(low)}" x2="${x(high)}" y1="6" y2="6" stroke="var(--curve)" stroke-width="5" stroke-opacity="0.55" vector-effect="non-scaling-stroke"/><line x1="${x(share)}" x2="${x(share)}" y1="1" y2="11" stroke="var(--text)" stroke-width="2.5" vector-effect="non-scaling-stroke"/></svg>`;
}
