import { loadBackboneWeights } from '../backbone/weights.node.js';
import {
  allScales,
  defaultMapCombination,
  gammasOf,
  mapSizeAt,
  scales,
  type MapCombination,
} from '../csflow/index.js';
import {
  contentDigest,
  openDataset,
  splitCalibration,
  type FeatureCache,
  type OpenDatasetOptions,
} from '../data/index.js';
import type { SkippedFile } from '../data/types.js';
import { UsageError, UserError } from '../errors.js';
import type { Device } from '../runtime/session.js';
import {
  featureSet,
  fitStandardisation,
  identityStandardisation,
  standardiseInPlace,
  trainFlow,
  type FeatureSet,
} from '../training/index.js';
import { calibrateFlow } from './calibrate-flow.js';
import { demandCheckpoint, readCheckpoint, saveCheckpoint } from './checkpoint-file.node.js';
import { detectorProgram, writeDetector } from './detector-program.js';
import type { TrainedFlow } from './trained-flow.js';
import type { EventListener, InspectorEvent } from './events.js';
import { extractFeatures, type ImageFeatures } from './extract-features.node.js';
import { calibrateMaps } from './map-calibration.js';
import { encodeMetadata, type ModelMetadata } from './model-metadata.js';
import { epochsFor, resolveSettings, type TrainingChoices, type TrainingSettings } from './settings.js';

export interface TrainOptions extends TrainingChoices {
  readonly data: string;
  /** File with the backbone's weights; left out: those that come with the package. */
  readonly backboneWeights?: string;
  readonly dataset?: OpenDatasetOptions;
  readonly seed: number;
  /** Wanted share of good parts rejected; default 0.01. */
  readonly falseRejectRate?: number;
  /** How the scales' maps become the anomaly map; the default is the best of docs/heatmaps.md. */
  readonly map?: MapCombination;
  /** Minutes for the whole, features included; the schedule is shortened to fit. */
  readonly minutes?: number;
  readonly device: Device;
  readonly cache?: FeatureCache;
  /** Where checkpoints go; left out: none are kept. */
  readonly checkpoint?: string;
  /** Go on from the checkpoint. */
  readonly resume?: boolean;
  readonly onEvent?: EventListener;
  readonly signal?: AbortSignal;
}

export interface TrainedModel {
  /** The bytes of the model file. */
  readonly model: Uint8Array;
  readonly metadata: ModelMetadata;
  /** The flow alone, for `openFlowModel`. */
  readonly flow: TrainedFlow;
  readonly skipped: readonly SkippedFile[];
  /** Images of the data set that training has not touched. */
  readonly testImages: number;
}

/** Trains on the good training images of a data set, calibrates on held-out ones, and gives the model file. */
export async function train(options: TrainOptions): Promise<TrainedModel> {
  const started = performance.now();
  const settings = resolveSettings(options);
  if (options.checkpoint !== undefined && options.resume) await demandCheckpoint(options.checkpoint);
  const { device, seed, onEvent, signal } = options;
  const { name, layer } = settings.backbone;
  const weights = await loadBackboneWeights(name, { file: options.backboneWeights, layer });
  const dataset = await openDataset(options.data, options.dataset);
  const split = splitCalibration(dataset.images, { seed });
  const extraction = { ...settings, weights, device, cache: options.cache, onEvent, signal };
  const all = await extractFeatures([...split.training, ...split.calibration], extraction);
  const heldOut = new Set(split.calibration);
  const training = all.features.filter(({ image }) => !heldOut.has(image));
  const { calibration, copies } = withoutCopies(
    all.features.filter(({ image }) => heldOut.has(image)),
    training,
  );
  const skipped = [...dataset.skipped, ...all.skipped, ...copies];
  for (const { path, reason } of copies) onEvent?.({ kind: 'skipped', path, reason });
  demandImages(training, calibration, all.skipped);
  onEvent?.({ kind: 'data', training: training.length, calibration: calibration.length });

  const features = joined(training, settings);
  const calibrationFeatures = joined(calibration, settings);
  const standardisation =
    settings.recipe.inputTransform === 'standardise'
      ? fitStandardisation(features)
      : identityStandardisation(features.channels, scales);
  standardiseInPlace(features, standardisation);

  const digests = { training: digestsOf(training), calibration: digestsOf(calibration) };
  const dataDigest = contentDigest(JSON.stringify(digests));
  const fingerprint = contentDigest(JSON.stringify([settings, seed, dataDigest, weights.digest]));
  const checkpoint = options.checkpoint;
  let last: (InspectorEvent & { kind: 'step' }) | undefined;
  const epochs = epochsFor(settings, features.count);
  const parameters = await trainFlow(features, {
    ...settings,
    epochs,
    seed,
    device,
    signal,
    fingerprint,
    budgetSeconds: options.minutes === undefined ? undefined : remainingSeconds(options.minutes, started),
    resume:
      checkpoint !== undefined && options.resume ? await readCheckpoint(checkpoint, fingerprint) : undefined,
    saveCheckpoint: checkpoint === undefined ? undefined : (state) => saveCheckpoint(checkpoint, state),
    onEvent(event) {
      if (event.kind === 'step') last = event;
      onEvent?.(event);
    },
  });

  onEvent?.({ kind: 'phase', name: 'calibrating' });
  const flow: TrainedFlow = { configuration: settings.configuration, standardisation, parameters };
  const rate = options.falseRejectRate ?? 0.01;
  const choice = { combination: options.map ?? defaultMapCombination, size: settings.size };
  const { calibration: threshold, maps } = await calibrateFlow(
    flow,
    calibrationFeatures,
    rate,
    choice,
    settings.recipe.batch,
    device,
  );
  const { mapScale, threshold: pixel } = calibrateMaps([maps]);
  const {
    channels,
    hidden,
    kernels,
    clamp,
    gamma,
    usedScales = allScales,
    cross = 'full',
  } = settings.configuration;
  const metadata: ModelMetadata = {
    configuration: {
      backbone: settings.backbone,
      size: [...settings.size],
      channels,
      hidden,
      kernels: [...kernels],
      clamp,
      gamma,
      usedScales: [...usedScales],
      cross,
      mapCombination: choice.combination,
    },
    training: {
      preset: options.preset,
      recipe: options.recipe,
      seed,
      epochs: last?.epoch ?? epochs,
      steps: last?.step ?? 0,
      finalLoss: last?.loss ?? 0,
      seconds: (performance.now() - started) / 1000,
      createdBy: 'csflow',
    },
    data: {
      layout: dataset.layout,
      trainingImages: digests.training,
      calibrationImages: digests.calibration,
      calibrationGroups: new Set(calibration.map(({ image }) => image.group)).size,
      skipped: skipped.length,
      digest: dataDigest,
    },
    gammas: [...gammasOf(settings.configuration, parameters)],
    calibration: { scores: [...threshold.scores], mapScale: { quantiles: [...mapScale.quantiles] } },
    threshold: {
      value: threshold.threshold,
      falseRejectRate: rate,
      enough: threshold.enough,
      neededImages: threshold.neededImages,
      pixel,
    },
    source: { backbone: weights.source, licence: weights.licence, weightsDigest: weights.digest },
  };
  const program = detectorProgram(flow, choice, settings.backbone, weights.weights);
  const model = writeDetector(program, settings.configuration, encodeMetadata(metadata));
  const testImages = dataset.images.filter((image) => image.split === 'test').length;
  return { model, metadata, flow, skipped, testImages };
}

/** A picture that is learned from says nothing about new ones, under whatever name it lies there again. */
function withoutCopies(calibration: readonly ImageFeatures[], training: readonly ImageFeatures[]) {
  const learned = new Set(digestsOf(training));
  const isCopy = ({ digest }: ImageFeatures): boolean => learned.has(digest);
  const copies: SkippedFile[] = calibration.filter(isCopy).map(({ image }) => ({
    path: image.path,
    reason: 'the same picture is among those learned from, so it cannot set the threshold',
  }));
  return { calibration: calibration.filter((image) => !isCopy(image)), copies };
}

function joined(images: readonly ImageFeatures[], { configuration }: TrainingSettings): FeatureSet {
  const mapSizes = Array.from({ length: scales }, (_, s) => mapSizeAt(configuration, s));
  return featureSet(
    images.map(({ maps }) => maps),
    configuration.channels,
    mapSizes,
  );
}

function demandImages(
  training: readonly ImageFeatures[],
  calibration: readonly ImageFeatures[],
  skipped: readonly SkippedFile[],
): void {
  if (training.length > 0 && calibration.length > 0) return;
  const why = skipped[0] === undefined ? '' : `; the first: ${skipped[0].reason}`;
  throw new UserError(
    `training: expected readable good images to learn from and to calibrate with, got ${training.length} and ` +
      `${calibration.length} (${skipped.length} could not be read${why})`,
  );
}

const digestsOf = (images: readonly ImageFeatures[]): string[] => images.map(({ digest }) => digest);

/** Part of the budget is kept for calibrating and writing the model. */
const shareForSteps = 0.97;

function remainingSeconds(minutes: number, started: number): number {
  if (!(minutes > 0)) throw new UsageError(`minutes: expected a number above 0, got ${minutes}`);
  return Math.max(1, minutes * 60 * shareForSteps - (performance.now() - started) / 1000);
}
