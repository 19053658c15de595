import type { EvaluationSummary } from '../../evaluation/index.js';
import type { Markup } from './markup.js';
import { counted, measure, significant } from './numbers.js';
import { dataTable } from './table.js';

/** Figures between 0 and 1, and what each means to a reader. */
const meanings = {
  image_auroc: [
    'image AUROC',
    'how often a defective picture scores higher than a good one; 0.5 is guessing',
  ],
  image_ap: ['image AP', 'area under the precision-recall curve'],
  f1_max: [
    'F1-max',
    'best balance of found and false alarms at any threshold, chosen on these very pictures',
  ],
  fpr_at_tpr95: [
    'FPR at 95 % TPR',
    'good pictures rejected where 95 % of the defective ones are found; 0 is perfect',
  ],
  pixel_auroc: ['pixel AUROC', 'how often a defective pixel is hotter than a good one'],
  pixel_ap: ['pixel AP', 'area under the precision-recall curve of pixels'],
  pixel_f1_max: ['pixel F1-max', 'best balance of pixels at any threshold, chosen on these very pictures'],
  aupro_30: [
    'AUPRO(0.3)',
    'mean share of each defective region that is covered, up to 30 % false-positive pixels',
  ],
  aupro_05: ['AUPRO(0.05)', 'the same up to 5 %'],
  region_recall: [
    'regions found',
    'defective regions with at least one pixel above the model’s pixel threshold',
  ],
} as const satisfies Partial<Record<keyof EvaluationSummary, readonly [name: string, meaning: string]>>;

type Figure = keyof typeof meanings;
const figures = Object.keys(meanings) as readonly Figure[];

/**
 * The measures over all thresholds, and the regions found at the model's, each with what it means.
 * @param hasRegion whether the model looks at a region of interest alone
 */
export function metricTable(summary: EvaluationSummary, pixelImages: number, hasRegion: boolean): Markup {
  const hasMasks = summary.regions !== null && summary.regions > 0;
  const shown = figures.filter(
    (name) => summary[name] !== null || name.startsWith('image') || (hasMasks && name !== 'region_recall'),
  );
  const pixels = hasMasks
    ? ` Pixel measures are of ${counted(pixelImages)} pictures, good ones and those with a mask${hasRegion ? ', inside the region of interest' : ''}, at their own sizes up to 4 million pixels.`
    : ' There is no mask of a defect, so nothing is said of places.';
  const atThreshold =
    summary.region_recall === null || summary.pixel_threshold === null
      ? ''
      : `, but for the regions found, which are counted at the model’s pixel threshold, ${significant(summary.pixel_threshold)}`;
  return dataTable({
    id: 'metric-table',
    caption: `Measures over all thresholds${atThreshold}; 1 is perfect unless said otherwise.${pixels}`,
    columns: [
      { head: 'measure' },
      { head: 'value', numeric: true },
      { head: '95 % interval', numeric: true },
      { head: 'meaning' },
    ],
    rows: shown.map((name) => [
      meanings[name][0],
      valueOf(summary, name),
      intervalOf(summary, name),
      meaningOf(summary, name),
    ]),
  });
}

function valueOf(summary: EvaluationSummary, name: Figure): string {
  const value = summary[name];
  return value === null ? 'undefined' : measure(value);
}

/** What the figure means, and where there is none, why. */
function meaningOf(summary: EvaluationSummary, name: Figure): string {
  const [, meaning] = meanings[name];
  if (summary[name] !== null) return meaning;
  return `${meaning}; undefined: ${summary.undefined_because[name] ?? 'too few pictures'}`;
}

function intervalOf({ intervals }: EvaluationSummary, name: Figure): string {
  if (!(name in intervals)) return '–';
  const interval = intervals[name as keyof typeof intervals];
  return interval === null ? 'undefined' : `${measure(interval[0])}–${measure(interval[1])}`;
}
