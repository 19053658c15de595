import { rect, ruleX, ruleY, text } from '@observablehq/plot';
import type { Histogram } from './histogram.js';
import { markup, type Markup } from './markup.js';
import { counted, countOf, percent, significant } from './numbers.js';
import { drawPlot } from './svg.js';
import { dataTable, details } from './table.js';

/** Scores of one kind of picture; an empty kind has no row. */
export interface ScoreClass {
  readonly name: string;
  readonly scores: readonly number[];
  /** A colour of the page's style. */
  readonly colour: string;
}

interface Bar {
  readonly kind: string;
  readonly x1: number;
  readonly x2: number;
  readonly share: number;
}

/** Widths in pixels for which the plot is drawn; the style shows the one that fits. */
const sizes = [
  { name: 'wide', width: 760, rowHeight: 120 },
  { name: 'narrow', width: 340, rowHeight: 110 },
] as const;

const titleOfRow = ({ name, scores }: ScoreClass): string => `${name} (${counted(scores.length)})`;

/** A histogram for each kind of picture below one another, on one axis, with the threshold through all. */
export function scorePlot(classes: readonly ScoreClass[], bins: Histogram, threshold: number): Markup {
  const described = {
    title: 'Anomaly scores of each kind of picture',
    description: describeScores(classes, threshold),
  };
  return markup`<figure>
${sizes.map(
  (size) =>
    markup`<div class="${size.name}-only">${drawPlot(`scores-${size.name}`, described, scorePlotOptions(classes, bins, threshold, size))}</div>`,
)}
<figcaption>Each row shows what share of its pictures has which score${bins.logarithmic && ' (the axis is logarithmic)'}. Pictures to the right of the dashed line, the threshold, are rejected.</figcaption>
</figure>
${details('The same as a table', scoreTable(classes, bins))}`;
}

function scorePlotOptions(
  classes: readonly ScoreClass[],
  { edges, counts, logarithmic }: Histogram,
  threshold: number,
  { width, rowHeight }: (typeof sizes)[number],
) {
  const rows = classes.map(titleOfRow);
  const bars = classes.map(({ scores }, c) =>
    counts[c].flatMap((count, i): Bar[] =>
      count === 0
        ? []
        : [{ kind: rows[c], x1: edges[i], x2: edges[i + 1], share: (100 * count) / scores.length }],
    ),
  );
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const position = logarithmic
    ? Math.log(threshold / low) / Math.log(high / low)
    : (threshold - low) / (high - low);
  const anchor = position > 0.5 ? ('end' as const) : ('start' as const);
  return {
    width,
    height: 84 + rowHeight * rows.length,
    marginTop: 44,
    marginLeft: 46,
    marginRight: 12,
    marginBottom: 40,
    style: { fontSize: '12px' },
    x: {
      type: logarithmic ? ('log' as const) : ('linear' as const),
      domain: [low, high],
      label: 'anomaly score (no unit) →',
      labelAnchor: 'right' as const,
      ticks: width > 500 ? 8 : 4,
      ...(logarithmic && { tickFormat: (value: number) => significant(value, 2) }),
    },
    y: {
      label: 'share of pictures (%)',
      labelAnchor: 'center' as const,
      labelArrow: 'none' as const,
      ticks: 3,
      nice: true,
      grid: true,
    },
    fy: { domain: rows, padding: 0.3, axis: null },
    marks: [
      ...bars.map((data, c) =>
        rect(data, {
          fy: 'kind',
          x1: 'x1',
          x2: 'x2',
          y1: 0,
          y2: 'share',
          fill: classes[c].colour,
          inset: 0.5,
        }),
      ),
      ruleY([0], { stroke: 'currentColor' }),
      ruleX([threshold], { stroke: 'currentColor', strokeWidth: 1.5, strokeDasharray: '5 3' }),
      text(rows, {
        fy: rows,
        text: rows,
        frameAnchor: 'top-left',
        lineAnchor: 'bottom',
        dy: -6,
        fontWeight: 600,
      }),
      text([`threshold ${significant(threshold)}`], {
        fy: [rows[0]],
        x: [threshold],
        frameAnchor: 'top',
        lineAnchor: 'bottom',
        textAnchor: anchor,
        dy: -24,
        dx: anchor === 'end' ? 2 : -2,
      }),
    ],
  };
}

function describeScores(classes: readonly ScoreClass[], threshold: number): string {
  const rows = classes.map(({ name, scores }) => {
    const sorted = scores.filter(Number.isFinite).sort((a, b) => a - b);
    const above = scores.filter((score) => score > threshold).length;
    const middle = sorted[sorted.length >> 1] ?? NaN;
    return `${name}: ${countOf(scores.length, 'picture')}, scores from ${significant(sorted[0] ?? NaN)} to ${significant(sorted.at(-1) ?? NaN)}, median ${significant(middle)}, ${percent(above / scores.length)} above the threshold.`;
  });
  return `Histograms on one axis; the threshold is ${significant(threshold)}. ${rows.join(' ')}`;
}

function scoreTable(classes: readonly ScoreClass[], { edges, counts }: Histogram): Markup {
  const filled = edges
    .slice(0, -1)
    .map((_, i) => i)
    .filter((i) => counts.some((row) => row[i] > 0));
  return dataTable({
    id: 'score-table',
    caption:
      'Pictures by score; a score on a limit counts to the lower row. Rows without pictures are left out.',
    columns: [{ head: 'score' }, ...classes.map(({ name }) => ({ head: name, numeric: true }))],
    rows: filled.map((i) => [
      `${significant(edges[i])} to ${significant(edges[i + 1])}`,
      ...counts.map((row) => counted(row[i])),
    ]),
  });
}
