import type { DataWarning } from '../data/types.js';
import type { Forecast } from '../inspector/forecast.node.js';
import { fewImagesWarnings } from '../inspector/few-images.js';
import type { TrainedModel } from '../inspector/train.node.js';
import { viewInWords } from '../report/view-in-words.js';
import { continuedWarnings } from './continued-warnings.js';
import { print, printJson, printWarnings, shown, table } from './output.js';
import { showDuration } from './progress.js';
import { thresholdJson, thresholdLines } from './threshold-text.js';
import { summariseSkipped } from './skipped.js';

export interface TrainingReport {
  readonly json: boolean;
  /** What the user asked for; left out: nothing. */
  readonly askedSize?: readonly [number, number];
  readonly askedRate?: number;
}

/** What a training gave, for people or as one JSON object. */
export function reportTraining(
  out: string,
  { model, metadata, skipped, learnedParts, earlier, testImages }: TrainedModel,
  warnings: readonly DataWarning[],
  { json, askedSize, askedRate }: TrainingReport,
): void {
  const { training, data, calibration, from, configuration, view, roi } = metadata;
  const fewImages = fewImagesWarnings(learnedParts, metadata);
  const continued = earlier === undefined ? [] : continuedWarnings(metadata, earlier, askedRate);
  if (json) {
    printJson({
      model: out,
      bytes: model.length,
      size: configuration.size,
      view,
      ...(roi && { roi: roi.kind }),
      training_images: data.trainingImages.length,
      ...(from && {
        from: from.models.at(-1),
        new_images: from.newImages,
        known_images: from.knownImages,
      }),
      calibration_images: data.calibrationImages.length,
      calibration_parts: data.calibrationGroups,
      test_images: testImages,
      skipped: skipped.length,
      skipped_reasons: summariseSkipped(skipped),
      epochs: training.epochs,
      steps: training.steps,
      loss: training.finalLoss,
      seconds: training.seconds,
      seed: training.seed,
      calibration: calibration.method,
      ...thresholdJson(metadata),
      warnings: [
        ...fewImages.map((message): DataWarning => ({ code: 'few-images', message, files: [] })),
        ...continued.map((message): DataWarning => ({ code: 'continued-training', message, files: [] })),
        ...warnings,
      ],
    });
    return;
  }
  print(`model       ${out} (${(model.length / 1e6).toFixed(1)} MB)`);
  const { size } = configuration;
  if (askedSize !== undefined && askedSize.some((side, axis) => side !== size[axis])) {
    print(`size        ${size.join('x')}, the multiples of 128 nearest to ${askedSize.join('x')}`);
  }
  if (view.kind === 'tiles') print(`view        ${viewInWords(view)}`);
  if (roi !== undefined) print(`region      only what is inside the ${roi.kind} counts`);
  print(
    `learned     from ${learnedText(metadata)} in ${showDuration(training.seconds)}, ` +
      `${training.steps} steps, last loss ${shown(training.finalLoss)}`,
  );
  if (from !== undefined) {
    print(
      `            going on from an earlier model; ${data.trainingImages.length} good images learned from in all`,
    );
  }
  const [first, ...others] = thresholdLines(metadata);
  print(`threshold   ${first}`);
  for (const line of others) print(`            ${line}`);
  for (const warning of fewImages) print(`few images  ${warning}`);
  for (const warning of continued) print(`going on    ${warning}`);
  if (testImages > 0) {
    print(`test        ${testImages} images kept apart for csflow evaluate`);
    print('            csflow data and csflow evaluate look for copies between training and test');
  }
  for (const { reason, count } of summariseSkipped(skipped)) print(`skipped     ${count}: ${reason}`);
  printWarnings(warnings);
}

function learnedText({ data, from }: TrainedModel['metadata']): string {
  if (from === undefined) return `${data.trainingImages.length} good images`;
  const known = from.knownImages > 0 ? ` and ${from.knownImages} known ones` : '';
  return `${from.newImages} new good images${known}`;
}

/** What a training would take, for people or as one JSON object. */
export function reportForecast(forecast: Forecast, json: boolean): void {
  if (json) {
    printJson({
      training_images: forecast.trainingImages,
      training_samples: forecast.trainingSamples,
      calibration_images: forecast.calibrationImages,
      parameters: forecast.parameters,
      model_bytes: Math.round(forecast.modelBytes),
      peak_memory_bytes: Math.round(forecast.peakMemory),
      available_memory_bytes: forecast.availableMemory,
      uncached_images: forecast.uncachedImages,
      seconds_per_image: forecast.secondsPerImage,
      seconds_per_step: forecast.secondsPerStep,
      epochs: forecast.epochs,
      steps_per_epoch: forecast.stepsPerEpoch,
      seconds_per_epoch: forecast.secondsPerEpoch,
      flows: forecast.flows,
      seconds: forecast.seconds,
    });
    return;
  }
  const { trainingImages, trainingSamples, calibrationImages, epochs, stepsPerEpoch, flows } = forecast;
  const pictures = flows === 1 ? trainingImages + calibrationImages : trainingImages;
  const tiles = trainingSamples === trainingImages ? '' : ` in ${trainingSamples} tiles`;
  print(
    table([
      [
        'images',
        flows === 1
          ? `${trainingImages} to learn from${tiles}, ${calibrationImages} held out to set the threshold`
          : `${trainingImages} to learn from${tiles}, each also scored by one of ${flows - 1} flows that has not seen it`,
      ],
      ['parameters', `${(forecast.parameters / 1e6).toFixed(1)} million`],
      ['model file', `about ${(forecast.modelBytes / 1e6).toFixed(0)} MB`],
      [
        'memory',
        `about ${(forecast.peakMemory / 1e9).toFixed(1)} GB at most, of ${(forecast.availableMemory / 1e9).toFixed(1)} GB that it may take`,
      ],
      ['features', featuresText(forecast, pictures)],
      [
        'training',
        `${showDuration(forecast.secondsPerEpoch)} an epoch (${stepsPerEpoch} steps of ${shown(forecast.secondsPerStep, 3)} s), ${epochs} epochs` +
          (flows === 1 ? '' : `, ${flows} flows`),
      ],
      ['in all', showDuration(forecast.seconds)],
    ]),
  );
}

function featuresText({ uncachedImages, secondsPerImage }: Forecast, pictures: number): string {
  if (uncachedImages === 0) return 'all of them are cached';
  const cached = uncachedImages === pictures ? '' : `; those of ${pictures - uncachedImages} more are cached`;
  return `${showDuration(secondsPerImage * uncachedImages)}, ${shown(secondsPerImage, 2)} s a picture${cached}`;
}
