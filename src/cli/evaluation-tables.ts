import type { EvaluationFigures, EvaluationSummary, Interval } from '../evaluation/index.js';
import { shown, table } from './output.js';

export function shownInterval(interval: Interval | null): string {
  return interval === null ? '[undefined]' : `[${shown(interval[0], 3)}, ${shown(interval[1], 3)}]`;
}

/** How well images are told apart: all, and each defect class against the good ones. */
export function figuresTable(summary: EvaluationSummary): string {
  const row = (name: string, images: number, defects: number, figures: EvaluationFigures): string[] => [
    name,
    String(images),
    `${defects - figures.missed} of ${defects} ${shownInterval(figures.intervals.recall)}`,
    `${shown(figures.image_auroc, 3)} ${shownInterval(figures.intervals.image_auroc)}`,
    shown(figures.image_ap, 3),
    shown(figures.f1_max, 3),
    shown(figures.fpr_at_tpr95, 3),
  ];
  return table([
    ['', 'images', 'found', 'image AUROC', 'AP', 'F1-max', 'FPR at 95 % TPR'],
    row('all', summary.images, summary.defective, summary),
    ...Object.entries(summary.per_class).map(([name, own]) => row(name, own.n, own.n, own)),
  ]);
}

/** How well defects are located, over the pixels of the pictures together. */
export function pixelTable(summary: EvaluationSummary): string {
  const row = (name: string, figures: EvaluationFigures): string[] => [
    name,
    `${shown(figures.pixel_auroc, 3)} ${shownInterval(figures.intervals.pixel_auroc)}`,
    shown(figures.pixel_ap, 3),
    shown(figures.pixel_f1_max, 3),
    shown(figures.pixel_fpr_at_tpr95, 3),
    `${shown(figures.aupro_30, 3)} ${shownInterval(figures.intervals.aupro_30)}`,
    shown(figures.aupro_05, 3),
    shown(figures.regions),
    `${shown(figures.region_recall, 3)} ${shownInterval(figures.intervals.region_recall)}`,
    shown(figures.region_recall_at_f1_max, 3),
  ];
  return table([
    [
      '',
      'pixel AUROC',
      'AP',
      'F1-max',
      'FPR at 95 % TPR',
      'AUPRO(0.3)',
      '(0.05)',
      'regions',
      'found',
      'at F1-max',
    ],
    row('all', summary),
    ...Object.entries(summary.per_class).map(([name, own]) => row(name, own)),
  ]);
}
