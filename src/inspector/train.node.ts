import { loadBackboneWeights } from '../backbone/weights.node.js';
import { allScales, defaultMapCombination, gammasOf, type MapCombination } from '../csflow/index.js';
import {
  contentDigest,
  openDataset,
  readRegion,
  type FeatureCache,
  type OpenDatasetOptions,
} from '../data/index.js';
import type { SkippedFile } from '../data/types.js';
import { UsageError } from '../errors.js';
import { calibrate } from '../evaluation/index.js';
import type { Device } from '../runtime/session.js';
import type { Region } from '../view/index.js';
import { scoreUnseen } from './calibrate-flow.js';
import { planCalibration, planRounds, type CalibrationMethod } from './calibration-plan.node.js';
import { demandCheckpoint } from './checkpoint-file.node.js';
import { scoreRounds } from './cross-calibration.node.js';
import { detectorProgram, writeDetector } from './detector-program.js';
import type { TrainedFlow } from './trained-flow.js';
import type { EventListener } from './events.js';
import { extractFeatures, type ImageFeatures } from './extract-features.node.js';
import { fitFlow, joinFeatures, samplesIn } from './fit-flow.node.js';
import { flowProgress } from './flow-progress.js';
import { calibrateMaps } from './map-calibration.js';
import { encodeMetadata, type ModelMetadata } from './model-metadata.js';
import { calibratedThreshold } from './model-threshold.js';
import { epochsFor, resolveSettings, type TrainingChoices } from './settings.js';

export interface TrainOptions extends TrainingChoices {
  readonly data: string;
  /** File with the backbone's weights; left out: those that come with the package. */
  readonly backboneWeights?: string;
  readonly dataset?: OpenDatasetOptions;
  /** The region of interest: corners `x,y x,y …` or the path of a mask picture; default: the whole picture. */
  readonly roi?: string;
  readonly seed: number;
  /** Wanted share of good parts rejected; default 0.01. */
  readonly falseRejectRate?: number;
  /** How good images are scored to set the threshold; default `split`. */
  readonly calibration?: CalibrationMethod;
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

/**
 * Trains on the good training images of a data set, sets the threshold by good images that the scoring flow has not seen,
 * and gives the model file.
 */
export async function train(options: TrainOptions): Promise<TrainedModel> {
  const started = performance.now();
  const settings = resolveSettings(options);
  const { device, seed, checkpoint, resume, onEvent, signal } = options;
  if (checkpoint !== undefined && resume) await demandCheckpoint(checkpoint);
  const { name, layer } = settings.backbone;
  const weights = await loadBackboneWeights(name, { file: options.backboneWeights, layer });
  const dataset = await openDataset(options.data, options.dataset);
  const plan = planCalibration(dataset.images, seed, options.calibration);
  const region = options.roi === undefined ? undefined : await readRegion(options.roi, plan.images);
  const extraction = { ...settings, region, weights, device, cache: options.cache, onEvent, signal };
  const all = await extractFeatures(plan.images, extraction);
  const { rounds, learned, scored, copies } = planRounds(all, plan);
  const skipped = [...dataset.skipped, ...all.skipped, ...copies];
  for (const { path, reason } of copies) onEvent?.({ kind: 'skipped', path, reason });
  const method = plan.method;
  const folds = method.kind === 'cross' ? method.folds : undefined;
  onEvent?.({
    kind: 'data',
    training: learned.length,
    calibration: scored.length,
    folds,
    ...(settings.view.kind === 'tiles' && { tiles: samplesIn(learned) }),
  });

  const digests = { training: digestsOf(learned), calibration: digestsOf(scored) };
  const dataDigest = contentDigest(JSON.stringify(digests));
  const facts = [settings, region?.region, seed, dataDigest, weights.digest];
  const work = [...rounds.map((round) => round.learned), learned].map(
    (images) => samplesIn(images) * epochsFor(settings, samplesIn(images)),
  );
  const eventsOf = flowProgress(work, onEvent);
  const budget = options.minutes === undefined ? undefined : remainingSeconds(options.minutes, started);
  const choice = { combination: options.map ?? defaultMapCombination, size: settings.size };
  const detector = { view: settings.view, region };
  const common = { settings, seed, device, signal, checkpoint, resume };
  const folded = await scoreRounds(rounds, {
    ...common,
    choice,
    detector,
    firstBudgetSeconds: budget && (budget * work[0]) / work.reduce((sum, one) => sum + one, 0),
    fingerprintOf: (round) => contentDigest(JSON.stringify([...facts, method, choice.combination, round])),
    eventsOf,
    onDone: (done) => onEvent?.({ kind: 'folds', done, of: rounds.length }),
  });
  const { flow, ...fitted } = await fitFlow(learned, {
    ...common,
    epochs: folded.passes ?? epochsFor(settings, samplesIn(learned)),
    budgetSeconds: rounds.length === 0 ? budget : undefined,
    fingerprint: contentDigest(JSON.stringify(facts)),
    onEvent: eventsOf(rounds.length),
  });

  onEvent?.({ kind: 'phase', name: 'calibrating' });
  const unseen =
    rounds.length > 0
      ? folded.unseen
      : [
          await scoreUnseen(
            flow,
            { features: joinFeatures(scored, settings), pictures: scored },
            choice,
            detector,
            settings.recipe.batch,
            device,
          ),
        ];
  const calibration = calibrate(
    unseen.flatMap(({ scores }) => scores),
    options.falseRejectRate,
    scored.map(({ image }) => image.group),
  );
  const { mapScale, threshold: pixel } = calibrateMaps(unseen.map(({ maps }) => maps));
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
    view:
      settings.view.kind === 'whole' ? settings.view : { ...settings.view, tile: [...settings.view.tile] },
    ...(region && { roi: storedRegion(region.region) }),
    training: {
      preset: options.preset,
      recipe: options.recipe,
      seed,
      epochs: fitted.epochs,
      steps: fitted.steps,
      finalLoss: fitted.loss,
      seconds: (performance.now() - started) / 1000,
      createdBy: 'csflow',
    },
    data: {
      layout: dataset.layout,
      trainingImages: digests.training,
      calibrationImages: digests.calibration,
      calibrationGroups: new Set(calibration.groups).size,
      skipped: skipped.length,
      digest: dataDigest,
    },
    gammas: [...gammasOf(settings.configuration, flow.parameters)],
    calibration: {
      scores: [...calibration.scores],
      groups: [...calibration.groups],
      method,
      mapScale: { quantiles: [...mapScale.quantiles] },
    },
    threshold: { ...calibratedThreshold(calibration), pixel },
    source: { backbone: weights.source, licence: weights.licence, weightsDigest: weights.digest },
  };
  const program = detectorProgram(flow, choice, settings.backbone, weights.weights, detector);
  const model = writeDetector(program, settings.configuration, encodeMetadata(metadata));
  const testImages = dataset.images.filter((image) => image.split === 'test').length;
  return { model, metadata, flow, skipped, testImages };
}

/** The region as the metadata's schema has it. */
function storedRegion(region: Region): NonNullable<ModelMetadata['roi']> {
  switch (region.kind) {
    case 'polygon':
      return { kind: region.kind, points: region.points.map(([x, y]) => [x, y]) };
    case 'mask':
      return { ...region, runs: [...region.runs] };
  }
}

const digestsOf = (images: readonly ImageFeatures[]): string[] => images.map(({ digest }) => digest);

/** Part of the budget is kept for calibrating and writing the model. */
const shareForSteps = 0.97;

function remainingSeconds(minutes: number, started: number): number {
  if (!(minutes > 0)) throw new UsageError(`minutes: expected a number above 0, got ${minutes}`);
  return Math.max(1, minutes * 60 * shareForSteps - (performance.now() - started) / 1000);
}
