import { areaY, dot, line, text } from '@observablehq/plot';
import {
  effectOf,
  effectsAtRates,
  precisionRecallCurve,
  rocCurve,
  type Point,
  type ScoreSets,
  type ThresholdEffect,
} from './curves.js';
import { markup, type Markup } from './markup.js';
import { counted, percent, percentNumber, significant } from './numbers.js';
import { drawPlot, type TextAlternative } from './svg.js';
import { dataTable, details } from './table.js';

interface CurveDrawing extends TextAlternative {
  readonly id: string;
  readonly caption: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curve: readonly Point[];
  /** What guessing gives. */
  readonly guessing: readonly [Point, Point];
  /** Where the model's threshold lies. */
  readonly operating: Point | undefined;
}

/** ROC and precision-recall curve side by side, or what is missing for them. */
export function curvePlots(sets: ScoreSets, threshold: number): Markup {
  const roc = rocCurve(sets);
  if (roc.length === 0) {
    const missing = sets.good.length === 0 ? 'good' : 'defective';
    return markup`<p>The curves are undefined: they need good and defective test pictures, and there are no ${missing} ones.</p>`;
  }
  const { good, defective } = sets;
  const effect = effectOf(sets, threshold);
  const falsePositives = effect.goodRejected / good.length;
  const recall = effect.defectsFound / defective.length;
  const rejected = effect.goodRejected + effect.defectsFound;
  const prevalence = defective.length / (good.length + defective.length);
  const drawings: readonly CurveDrawing[] = [
    {
      id: 'roc',
      title: 'ROC curve',
      description: describeRoc(sets, effect),
      caption:
        'ROC: defects found against good pictures rejected, for every threshold. Further up and left is better; guessing gives the dashed line.',
      xLabel: 'good pictures rejected (%) →',
      yLabel: '↑ defective pictures found (%)',
      curve: roc,
      guessing: [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ],
      operating: { x: falsePositives, y: recall },
    },
    {
      id: 'precision-recall',
      title: 'Precision-recall curve',
      description: `Of the rejected pictures, the share that is defective, over the share of defective pictures found. ${
        rejected === 0
          ? 'At the threshold nothing is rejected.'
          : `At the threshold ${percent(effect.defectsFound / rejected)} of what is rejected is defective, and ${percent(recall)} of the defective pictures are found.`
      } Guessing gives ${percent(prevalence)}.`,
      caption:
        'Precision and recall: how much of what is rejected is defective, against defects found. Further up and right is better.',
      xLabel: 'defective pictures found (%) →',
      yLabel: '↑ defective among the rejected (%)',
      curve: precisionRecallCurve(sets),
      guessing: [
        { x: 0, y: prevalence },
        { x: 1, y: prevalence },
      ],
      operating: rejected === 0 ? undefined : { x: recall, y: effect.defectsFound / rejected },
    },
  ];
  return markup`<div class="pair">${drawings.map(drawCurve)}</div>
${details('Other thresholds as a table', effectsTable(sets, effect))}`;
}

const inPercent = (points: readonly Point[]): Point[] =>
  points.map(({ x, y }) => ({ x: 100 * x, y: 100 * y }));

function drawCurve({
  id,
  title,
  description,
  caption,
  xLabel,
  yLabel,
  curve,
  guessing,
  operating,
}: CurveDrawing): Markup {
  const right = operating !== undefined && operating.x < 0.55;
  const low = operating !== undefined && operating.y < 0.15;
  const marked = operating === undefined ? [] : inPercent([operating]);
  const svg = drawPlot(
    id,
    { title, description },
    {
      width: 360,
      height: 340,
      marginTop: 30,
      marginLeft: 40,
      marginRight: 16,
      marginBottom: 40,
      style: { fontSize: '12px' },
      x: { domain: [0, 100], label: xLabel, labelAnchor: 'right', ticks: 5, grid: true },
      y: { domain: [0, 100], label: yLabel, ticks: 5, grid: true },
      marks: [
        areaY(inPercent(curve), { x: 'x', y1: 0, y2: 'y', fill: 'var(--curve)', fillOpacity: 0.1 }),
        line(inPercent(guessing), {
          x: 'x',
          y: 'y',
          stroke: 'currentColor',
          strokeDasharray: '4 4',
          strokeOpacity: 0.7,
        }),
        line(inPercent(curve), { x: 'x', y: 'y', stroke: 'var(--curve)', strokeWidth: 2 }),
        dot(marked, { x: 'x', y: 'y', r: 5, fill: 'var(--mark)', stroke: 'var(--page)', strokeWidth: 1.5 }),
        text(marked, {
          x: 'x',
          y: 'y',
          text: () => 'at the threshold',
          textAnchor: right ? 'start' : 'end',
          dx: right ? 9 : -9,
          dy: low ? -12 : 12,
          fill: 'currentColor',
          stroke: 'var(--page)',
          strokeWidth: 4,
          fontWeight: 600,
        }),
      ],
    },
  );
  return markup`<figure>${svg}<figcaption>${caption}</figcaption></figure>`;
}

function describeRoc(sets: ScoreSets, effect: ThresholdEffect): string {
  const shareOf = (count: number, of: ArrayLike<number>): string => percent(count / of.length);
  const points = effectsAtRates(sets, [0.01, 0.05, 0.1, 0.2]).map(
    ({ goodRejected, defectsFound }) =>
      `${shareOf(goodRejected, sets.good)} rejected: ${shareOf(defectsFound, sets.defective)} found`,
  );
  return `Defective pictures found over good pictures rejected. At the threshold ${shareOf(effect.goodRejected, sets.good)} of the good pictures are rejected and ${shareOf(effect.defectsFound, sets.defective)} of the defective ones found. Elsewhere: ${points.join('; ')}.`;
}

function effectsTable(sets: ScoreSets, effect: ThresholdEffect): Markup {
  const { good, defective } = sets;
  const row = ({ threshold, goodRejected, defectsFound }: ThresholdEffect, mark = '') => [
    `${significant(threshold)}${mark}`,
    `${counted(goodRejected)} (${percentNumber(goodRejected / good.length)} %)`,
    `${counted(defectsFound)} (${percentNumber(defectsFound / defective.length)} %)`,
    goodRejected + defectsFound === 0 ? 'undefined' : percent(defectsFound / (goodRejected + defectsFound)),
  ];
  const others = effectsAtRates(sets).filter(({ threshold }) => threshold !== effect.threshold);
  const effects = [...others, effect].sort((a, b) => b.threshold - a.threshold);
  return dataTable({
    id: 'effects-table',
    caption: `What thresholds do to these ${counted(good.length)} good and ${counted(defective.length)} defective pictures. Only the marked one was set without looking at them.`,
    columns: [
      { head: 'threshold', numeric: true },
      { head: 'good rejected', numeric: true },
      { head: 'defective found', numeric: true },
      { head: 'defective among the rejected', numeric: true },
    ],
    rows: effects.map((each) => row(each, each === effect ? ' (the model’s)' : '')),
  });
}
