import { markup, type Markup } from './markup.js';
import { counted, countOf, ofThousand, percent, significant } from './numbers.js';
import type { ReportInput } from './report-input.js';
import { factTable, type Fact } from './table.js';

/** Where the threshold lies and how it came to be. */
export function thresholdSection({ threshold, calibration, data }: ReportInput['model']['metadata']): Markup {
  const scores = calibration.scores;
  const groups = data.calibrationGroups;
  const facts: readonly Fact[] = [
    {
      name: 'threshold',
      value: `${significant(threshold.value)}; a picture is rejected where its anomaly score is above it`,
    },
    {
      name: 'rate asked for',
      value: `${percent(threshold.falseRejectRate)} of good parts rejected, ${ofThousand(threshold.falseRejectRate)} of 1,000`,
    },
    {
      name: 'set from',
      value: `${countOf(scores.length, 'good picture')} of ${countOf(groups, 'part')}, held out of training; no defective picture and no test picture was looked at`,
    },
    { name: 'their scores', value: `${significant(scores[0])} to ${significant(scores[scores.length - 1])}` },
    {
      name: 'enough pictures',
      value: threshold.enough
        ? `yes (${counted(threshold.neededImages)} are needed for this rate)`
        : `no: ${counted(threshold.neededImages)} are needed for this rate; the threshold is the highest of the scores`,
    },
  ];
  return markup`<p>The threshold is the conformal quantile of the scores of good pictures held out of training (split conformal prediction): as long as new good parts are like these, on average no larger share of them is rejected than was asked for. A picture’s p-value is how often a good part would look at least as unusual.</p>
${factTable('threshold-table', 'The threshold', facts)}`;
}
