import type { ModelMetadata } from '../../inspector/model-metadata.js';
import { markup, type Markup } from './markup.js';
import { counted, countOf, ofThousand, percent, significant } from './numbers.js';
import type { ReportInput } from './report-input.js';
import { factTable, type Fact } from './table.js';

/** Where the threshold lies and how it came to be. */
export function thresholdSection(metadata: ReportInput['model']['metadata']): Markup {
  const { threshold, calibration } = metadata;
  const { scores } = calibration;
  const { low, high, confidence } = threshold.band;
  const facts: readonly Fact[] = [
    {
      name: 'threshold',
      value: `${significant(threshold.value)}; a picture is rejected where its anomaly score is above it`,
    },
    { name: 'how it was made', value: originInWords(threshold) },
    { name: 'known from', value: scoresInWords(metadata) },
    {
      name: 'good pictures rejected',
      value: `${percent(low)} to ${percent(high)}, with ${percent(confidence)} confidence`,
    },
    { name: 'scores of good pictures', value: `${significant(scores[0])} to ${significant(scores.at(-1)!)}` },
    {
      name: 'enough pictures',
      value: threshold.enough
        ? `yes (${counted(threshold.neededImages)}, each of another part, are needed for this rate)`
        : `no: ${counted(threshold.neededImages)}, each of another part, are needed for this rate; the threshold is the highest of the scores`,
    },
  ];
  return markup`<p>${ruleInWords(metadata)} A picture’s p-value is how often a good part would look at least as unusual.</p>
${factTable('threshold-table', 'The threshold', facts)}`;
}

function originInWords({ origin, falseRejectRate }: ModelMetadata['threshold']): string {
  const rate = `${percent(falseRejectRate)} of good parts rejected, ${ofThousand(falseRejectRate)} of 1,000`;
  switch (origin.kind) {
    case 'calibration':
      return `for ${rate}; no defective picture and no test picture was looked at`;
    case 'value':
      return `set by hand; to be expected are ${rate}`;
    case 'cost':
      return `of the least cost on ${countOf(origin.images.length, 'test picture')}, where a missed defect costs ${significant(origin.costMissed)}, a rejected good part ${significant(origin.costRejected)} and ${percent(origin.defectShare)} are defective; to be expected are ${rate}`;
    case 'f1':
      return `of the largest F1 on ${countOf(origin.images.length, 'test picture')}; to be expected are ${rate}`;
  }
}

function scoresInWords({ calibration, data }: ModelMetadata): string {
  const pictures = `${countOf(calibration.scores.length, 'good picture')} of ${countOf(data.calibrationGroups, 'part')}`;
  const { method } = calibration;
  switch (method.kind) {
    case 'split':
      return `${pictures}, held out of training`;
    case 'cross':
      return `${pictures}, each scored by one of ${counted(method.folds)} flows that had not learned from it`;
  }
}

function ruleInWords({ threshold: { origin }, calibration: { method } }: ModelMetadata): string {
  if (origin.kind !== 'calibration') {
    return 'The threshold was not set from good pictures alone; what they say of it is the range of good pictures rejected.';
  }
  switch (method.kind) {
    case 'split':
      return 'The threshold is the conformal quantile of the scores of good pictures held out of training (split conformal prediction): as long as new good parts are like these, on average no larger share of them is rejected than was asked for.';
    case 'cross':
      return 'The threshold is the conformal quantile of the scores of good pictures, each by a flow that had not learned from it (cross-validation): as long as new good parts are like these, and the model scores them no higher than those flows do, on average no larger share of them is rejected than was asked for.';
  }
}
