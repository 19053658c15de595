import { allScales, defaultMapCombination, gammasOf, type MapCombination } from '../csflow/index.js';
import { contentDigest, type FeatureCache } from '../data/index.js';
import type { Dataset, SkippedFile } from '../data/types.js';
import { UsageError } from '../errors.js';
import { calibrate } from '../evaluation/index.js';
import type { Device } from '../runtime/session.js';
import { runtimeVersions } from '../runtime/versions.node.js';
import { version } from '../version.js';
import type { Region } from '../view/index.js';
import { availableMemory } from './available-memory.node.js';
import { scoreUnseen } from './calibrate-flow.js';
import { planRounds } from './calibration-plan.node.js';
import { demandCheckpoint, forgetFolds } from './checkpoint-file.node.js';
import { scoreRounds } from './cross-calibration.node.js';
import { demandMemoryQuickly } from './demand-memory.node.js';
import { detectorProgram, writeDetector } from './detector-program.js';
import type { TrainedFlow } from './trained-flow.js';
import type { EventListener } from './events.js';
import { extractFeatures, uncachedPictures, type ImageFeatures } from './extract-features.node.js';
import { fitFlow, joinFeatures, samplesIn } from './fit-flow.node.js';
import { flowProgress } from './flow-progress.js';
import { calibrateMaps } from './map-calibration.js';
import { encodeMetadata, type ModelMetadata } from './model-metadata.js';
import { calibratedThreshold } from './model-threshold.js';
import { prepareTraining, type TrainingSource } from './prepare-training.node.js';
import { learnedImages, learnedParts, provenanceOf } from './provenance.js';
import { rememberParts } from './remembered-parts.node.js';
import { epochsFor } from './settings.js';
import { countSamples } from './training-memory.node.js';

export interface TrainOptions extends TrainingSource {
  /** Wanted share of good parts rejected; the default is that of the earlier model where it was set for one, else 0.01. */
  readonly falseRejectRate?: number;
  /** How the scales' maps become the anomaly map; the default is the earlier model's, or the best of docs/heatmaps.md. */
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
  /** Bytes that the training may take; default: what is free on the machine. */
  readonly availableMemory?: number;
}

export interface TrainedModel {
  /** The bytes of the model file. */
  readonly model: Uint8Array;
  readonly metadata: ModelMetadata;
  /** The flow alone, for `openFlowModel`. */
  readonly flow: TrainedFlow;
  readonly dataset: Dataset;
  readonly skipped: readonly SkippedFile[];
  /** Physical parts that the images learned from show, in earlier trainings too. */
  readonly learnedParts: number;
  /** What the model that this training went on from says of itself. */
  readonly earlier?: ModelMetadata;
  /** Images of the data set that training has not touched. */
  readonly testImages: number;
}

/**
 * Trains on the good training images of a data set, sets the threshold by good images that the scoring flow has not seen,
 * and gives the model file.
 * @throws UserError, before anything is computed, where the memory will not do, with smaller settings that fit
 */
export async function train(options: TrainOptions): Promise<TrainedModel> {
  const started = performance.now();
  const { device, seed, checkpoint, resume, onEvent, signal } = options;
  if (checkpoint !== undefined && resume) {
    await demandCheckpoint(checkpoint, options.calibration?.kind === 'cross');
  }
  const prepared = await prepareTraining(options);
  const { settings, weights, dataset, plan, region, leftOut, earlier } = prepared;
  const extraction = { ...settings, region, weights, device, cache: options.cache, onEvent, signal };
  await demandMemoryQuickly(
    prepared,
    await countSamples(plan, settings, region),
    () => uncachedPictures(plan.images, extraction),
    device.lanes,
    options.availableMemory ?? availableMemory(),
  );
  const all = await extractFeatures(plan.images, extraction);
  const { rounds, learned, scored, copies } = planRounds(all, plan);
  const skipped = [...dataset.skipped, ...leftOut, ...all.skipped, ...copies];
  for (const { path, reason } of [...leftOut, ...copies]) onEvent?.({ kind: 'skipped', path, reason });
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
  const facts = [settings, region?.region, seed, dataDigest, weights.digest, earlier?.digest];
  const work = [...rounds.map((round) => round.learned), learned].map(
    (images) => samplesIn(images) * epochsFor(settings, samplesIn(images)),
  );
  const eventsOf = flowProgress(work, onEvent);
  const budget =
    options.minutes === undefined
      ? undefined
      : secondsForSteps(options.minutes, (performance.now() - started) / 1000);
  const common = { settings, seed, device, signal, checkpoint, resume };
  const combination = options.map ?? earlier?.metadata.configuration.mapCombination ?? defaultMapCombination;
  const choice = { combination, size: settings.size };
  const detector = { view: settings.view, region };
  if (checkpoint !== undefined && !resume) await forgetFolds(checkpoint);
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
    start: earlier?.flow,
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
    options.falseRejectRate ?? inheritedRate(earlier?.metadata),
    scored.map(({ image }) => image.group),
  );
  const parts = learnedParts(
    earlier,
    learned.map(({ digest, image: { group } }) => ({ digest, group })),
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
      ...settings.names,
      seed,
      epochs: fitted.epochs,
      steps: fitted.steps,
      finalLoss: fitted.loss,
      seconds: (performance.now() - started) / 1000,
      learningRate: settings.recipe.schedule.learningRate,
      batch: Math.min(settings.recipe.batch, samplesIn(learned)),
      createdBy: `csflow ${version}`,
      runtime: runtimeVersions(),
    },
    data: {
      layout: dataset.layout,
      trainingImages: learnedImages(earlier, digests),
      calibrationImages: digests.calibration,
      trainingGroups: parts,
      calibrationGroups: new Set(calibration.groups).size,
      parts: rememberParts(dataset, earlier?.metadata.data.parts),
      skipped: skipped.length,
      digest: dataDigest,
    },
    from: provenanceOf(earlier, digests),
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
  return {
    model,
    metadata,
    flow,
    dataset,
    skipped,
    learnedParts: parts,
    earlier: earlier?.metadata,
    testImages,
  };
}

/** A threshold that was set otherwise than for a rate says nothing of the rate that is wanted. */
function inheritedRate(earlier: ModelMetadata | undefined): number | undefined {
  return earlier?.threshold.origin.kind === 'calibration' ? earlier.threshold.falseRejectRate : undefined;
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

/**
 * Seconds that are left for the steps.
 * @throws UsageError for minutes that are not above 0
 */
export function secondsForSteps(minutes: number, secondsTaken: number): number {
  if (!(minutes > 0)) throw new UsageError(`minutes: expected a number above 0, got ${minutes}`);
  return Math.max(1, minutes * 60 * shareForSteps - secondsTaken);
}
