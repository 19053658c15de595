import type { ModelMetadata } from '../../inspector/model-metadata.js';
import { choseItself } from '../../inspector/model-threshold.js';
import { markup, type Markup } from './markup.js';
import { counted, countOf, measure, ofThousand, percent, significant } from './numbers.js';
import { factTable, type Fact } from './table.js';
import { promiseOf } from './threshold-promise.js';

/** Where the threshold lies and how it came to be. */
export function thresholdSection(metadata: ModelMetadata): Markup {
  const { threshold, calibration, data } = metadata;
  const { low, high, confidence } = threshold.band;
  const scores = calibration.scores;
  const facts: readonly Fact[] = [
    {
      name: 'threshold',
      value: `${significant(threshold.value)}; a picture is rejected where its anomaly score is above it`,
    },
    { name: 'made', value: originInWords(threshold) },
    { name: 'good scores', value: goodScoresInWords(metadata) },
    {
      name: 'they range',
      value: `from ${significant(scores[0])} to ${significant(scores[scores.length - 1])}`,
    },
    {
      name: 'true rate',
      value: `between ${ofThousand(low)} and ${ofThousand(high)} of 1,000 good parts rejected, with ${percent(confidence)} confidence, from these scores alone${bandConditionInWords(metadata)}`,
    },
    {
      name: 'enough pictures',
      value: threshold.enough
        ? `yes (${counted(threshold.neededImages)} of different parts are needed for this rate)`
        : `no: ${counted(threshold.neededImages)} of different parts are needed for this rate`,
    },
  ];
  return markup`<p>${methodInWords(metadata)} A picture’s p-value is how often a good part would look at least as unusual; ${countOf(data.calibrationGroups, 'part')} cannot give one below 1 in ${counted(data.calibrationGroups + 1)}.</p>
${factTable('threshold-table', 'The threshold', facts)}`;
}

function methodInWords(metadata: ModelMetadata): string {
  const { origin } = metadata.threshold;
  switch (origin.kind) {
    case 'calibration':
      return `${calibrationInWords(metadata)} No defective picture and no test picture was looked at for it.`;
    case 'value':
      return 'The threshold was set by hand.';
    case 'cost':
    case 'f1':
      return 'The threshold was chosen with defective pictures at hand; on those pictures it flatters.';
  }
}

function calibrationInWords(metadata: ModelMetadata): string {
  const { calibration, data } = metadata;
  const promise = promiseOf(metadata);
  const pictures =
    calibration.method.kind === 'cross'
      ? 'good pictures, each scored by a flow that had not seen its part'
      : 'good pictures that the model had not seen';
  if (promise.kind === 'too-few') {
    const { atMost } = promise;
    const instead =
      atMost === undefined
        ? 'the true rate below says what is known'
        : `on average up to one new good part in ${counted(data.calibrationGroups + 1)} is rejected, ${ofThousand(atMost)} of 1,000, as long as new ones are like these`;
    return `The threshold is the highest score of the ${pictures}. They show too few parts to promise the rate asked for; ${instead}.`;
  }
  const promised =
    promise.kind === 'crossed'
      ? 'as long as new good parts are like these and the model scores them as those flows did, about the share asked for is rejected. The model has learned from all of these pictures, so that no bound holds whatever the data'
      : 'as long as new good parts are like these, on average no larger share of them is rejected than was asked for';
  return `The threshold is the conformal quantile of the scores of ${pictures}: ${promised}.`;
}

function originInWords({ origin, falseRejectRate }: ModelMetadata['threshold']): string {
  const rate = `${percent(falseRejectRate)} of good parts rejected, ${ofThousand(falseRejectRate)} of 1,000`;
  switch (origin.kind) {
    case 'calibration':
      return `for ${rate}`;
    case 'value':
      return `as it was given; to be expected: ${rate}`;
    case 'cost':
      return `for the least cost on ${countOf(origin.images.length, 'picture')}, a missed defect at ${significant(origin.costMissed)}, a rejected good part at ${significant(origin.costRejected)}, ${percent(origin.defectShare)} of all parts defective; to be expected: ${rate}`;
    case 'f1':
      return `for the largest F1, ${measure(origin.f1)}, on ${countOf(origin.images.length, 'picture')}; to be expected: ${rate}`;
  }
}

function bandConditionInWords({ calibration, threshold }: ModelMetadata): string {
  if (choseItself(threshold.origin)) return ', whichever threshold they were to choose';
  return calibration.method.kind === 'cross'
    ? ', as far as the flow of the model scores new pictures like the flows of the folds do'
    : '';
}

function goodScoresInWords({ calibration, data }: ModelMetadata): string {
  const pictures = `${countOf(calibration.scores.length, 'good picture')} of ${countOf(data.calibrationGroups, 'part')}`;
  switch (calibration.method.kind) {
    case 'split':
      return `${pictures}, held out of training`;
    case 'cross':
      return `${pictures}, each scored by one of ${countOf(calibration.method.folds, 'flow')} that had not seen its part`;
  }
}
