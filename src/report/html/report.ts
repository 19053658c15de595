import { basename } from 'node:path';
import type { EvaluationSummary } from '../../evaluation/index.js';
import { classTable } from './class-table.js';
import { curvePlots } from './curve-plots.js';
import { factsSection } from './facts-section.js';
import { heatLegend } from './heat-legend.js';
import { histogram } from './histogram.js';
import { markup, type Markup } from './markup.js';
import { metricTable } from './metric-table.js';
import { counted, countOf, measure, percent } from './numbers.js';
import { page, type Section } from './page.js';
import { pictureCards } from './picture-cards.js';
import { classesInWords, plainWords } from './plain-words.js';
import { ratesOf, type CountedShare, type Rates } from './rates.js';
import type { ReportInput } from './report-input.js';
import { scorePlot, type ScoreClass } from './score-plot.js';
import { skippedSection } from './skipped-section.js';
import { thresholdSection } from './threshold-section.js';
import { warningsOf } from './warnings.js';

/**
 * An evaluation as one HTML file for people: needs no network, no script and nothing beside itself, reads on a
 * phone, prints on A4. What cannot be known is said in words.
 */
export function renderReport(input: ReportInput): string {
  const { evaluation, data, model, created, version } = input;
  const rates = ratesOf(evaluation);
  const day = created.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return page({
    title: `Inspection report: ${basename(data.root)}`,
    subtitle: `Model ${model.file}, tested on ${countOf(evaluation.summary.images, 'picture')}, ${day}`,
    opening: opening(input, rates),
    sections: sectionsOf(input, rates),
    footer: markup`<p>Written by csflow ${version}. Every figure is of pictures that the model was not trained on.</p>`,
  });
}

function opening(input: ReportInput, rates: Rates): Markup {
  const { evaluation, model } = input;
  const warnings = warningsOf(input, rates);
  const classes = classesInWords(rates);
  return markup`<section aria-label="Summary">
${headline(evaluation.summary, rates)}
${plainWords(evaluation.summary, rates, model.metadata, evaluation.outsideRegion).map((sentence, i) => markup`<p${i === 0 && markup` class="lead"`}>${sentence}</p>\n`)}
${classes.length > 0 && markup`<ul>${classes.slice(0, mostClassesInWords).map((line) => markup`<li>${line}</li>`)}</ul>`}
${classes.length > mostClassesInWords && markup`<p>${countOf(classes.length - mostClassesInWords, 'more kind')} of defect stand in the table below.</p>`}
</section>
${warnings.length > 0 && markup`<section class="warnings" aria-labelledby="warnings"><h2 id="warnings">What to keep in mind</h2><ul>${warnings.map((warning) => markup`<li>${warning}</li>`)}</ul></section>`}`;
}

const mostClassesInWords = 10;

function headline(
  { image_auroc: auroc, intervals: { image_auroc: aurocs } }: EvaluationSummary,
  { defectsFound, goodRejected }: Rates,
): Markup {
  const tile = (name: string, value: string, unit: string): Markup =>
    markup`<li><span class="name">${name}</span><span class="value">${value}</span><span class="unit">${unit}</span></li>\n`;
  const counts = (name: string, found: CountedShare | undefined, kind: string): Markup => {
    if (found === undefined) return tile(name, 'undefined', `no ${kind} test pictures`);
    const { hits, count, share, interval } = found;
    const likely = interval ? `; likely ${percent(interval[0])} to ${percent(interval[1])}` : '';
    return tile(name, `${counted(hits)} of ${counted(count)}`, `${percent(share)}${likely}`);
  };
  return markup`<ul class="headline">
${counts('Defects found', defectsFound, 'defective')}${counts('Good parts rejected', goodRejected, 'good')}${
    auroc === null
      ? tile('Told apart (AUROC)', 'undefined', 'needs good and defective pictures')
      : tile(
          'Told apart (AUROC)',
          measure(auroc),
          `${aurocs ? `likely ${measure(aurocs[0])} to ${measure(aurocs[1])}; ` : ''}0.5 is guessing`,
        )
  }</ul>`;
}

function sectionsOf(input: ReportInput, rates: Rates): readonly Section[] {
  const { evaluation, data, model } = input;
  const { images, summary, skipped, pixelImages } = evaluation;
  const threshold = summary.threshold;
  const scoresOf = (label: 'good' | 'defective'): number[] =>
    images.filter(({ image }) => image.label === label).map(({ verdict }) => verdict.score);
  const classes: readonly ScoreClass[] = [
    {
      name: 'good, the threshold is set with',
      scores: model.metadata.calibration.scores,
      colour: 'var(--held-out)',
    },
    { name: 'good, tested', scores: scoresOf('good'), colour: 'var(--good)' },
    { name: 'defective, tested', scores: scoresOf('defective'), colour: 'var(--defective)' },
  ].filter(({ scores }) => scores.length > 0);
  const bins = histogram(
    classes.map(({ scores }) => scores),
    threshold,
  );
  const ascending = (scores: readonly number[]): number[] => scores.toSorted((a, b) => a - b);
  const sets = { good: ascending(scoresOf('good')), defective: ascending(scoresOf('defective')) };
  return [
    { id: 'classes', title: 'By kind of defect', content: classTable(summary, rates) },
    { id: 'scores', title: 'Scores', content: scorePlot(classes, bins, threshold) },
    {
      id: 'curves',
      title: 'How well good and defective are told apart',
      content: markup`${curvePlots(sets, threshold)}${metricTable(summary, pixelImages, model.metadata.roi !== undefined)}`,
    },
    ...pictureSections(input, heatLegend(model.metadata)),
    { id: 'threshold', title: 'The threshold', content: thresholdSection(model.metadata) },
    { id: 'facts', title: 'Data and model', content: factsSection(input) },
    ...(skipped.length > 0
      ? [{ id: 'skipped', title: 'Files not used', content: skippedSection(skipped, data.root) }]
      : []),
  ];
}

function pictureSections(
  { shown: { good, defective }, evaluation: { summary, images }, data: { root } }: ReportInput,
  legend: Markup,
): readonly Section[] {
  const { threshold, missed, good: goodCount, false_reject_rate: rejected } = summary;
  const unseen = images.filter(
    ({ outsideRegion, verdict }) => outsideRegion === 'wholly' && !verdict.defective,
  ).length;
  const ofTheseUnseen =
    unseen === 0 ? '' : `, ${counted(unseen)} of them with the defect wholly outside the region of interest`;
  const falseAlarms = Math.round((rejected ?? 0) * goodCount);
  const sections: Section[] = [];
  if (defective.length > 0) {
    sections.push({
      id: 'misses',
      title: missed > 0 ? 'Worst misses' : 'Defects found most narrowly',
      content: markup`<p>${missed > 0 ? `${countOf(missed, 'defective picture is', 'defective pictures are')} accepted${ofTheseUnseen}. Here are the defective pictures with the lowest scores, worst first.` : 'No defect was missed. Here are the defective pictures with the lowest scores.'}</p>
${legend}
${pictureCards(defective, root, threshold)}`,
    });
  }
  if (good.length > 0) {
    sections.push({
      id: 'false-alarms',
      title: falseAlarms > 0 ? 'Worst false alarms' : 'Good pictures nearest to rejection',
      content: markup`<p>${falseAlarms > 0 ? `${countOf(falseAlarms, 'good picture is', 'good pictures are')} rejected. Here are the good pictures with the highest scores, worst first.` : 'No good picture was rejected. Here are the good pictures with the highest scores.'}</p>
${legend}
${pictureCards(good, root, threshold)}`,
    });
  }
  return sections;
}
