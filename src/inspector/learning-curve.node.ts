import { loadBackboneWeights } from '../backbone/weights.node.js';
import {
  nestedSubsets,
  openDataset,
  readRegion,
  splitCalibration,
  type FeatureCache,
  type OpenDatasetOptions,
} from '../data/index.js';
import type { DatasetImage, SkippedFile } from '../data/types.js';
import { UserError } from '../errors.js';
import { imageMetrics, pairedGain, type PairedGain } from '../evaluation/index.js';
import type { Device } from '../runtime/session.js';
import { featureMemory, stepMemory } from '../training/index.js';
import { availableMemory } from './available-memory.node.js';
import { samplesOf } from './count-samples.node.js';
import { scorePictures } from './curve-scores.node.js';
import { chooseSizes, differentSizes, type DroppedSize } from './curve-sizes.js';
import { gigabytes, tooMuch } from './demand-memory.node.js';
import { progressOf, type EventListener } from './events.js';
import {
  extractFeatures,
  uncachedPictures,
  type ExtractionOptions,
  type ImageFeatures,
} from './extract-features.node.js';
import { fitFlow, samplesIn } from './fit-flow.node.js';
import { epochsFor, resolveSettings, type TrainingChoices } from './settings.js';
import { featurePhase, largestOf, trainingProcess, type TrainingLoad } from './training-memory.node.js';

/** Flows of one scale or of none across have no density over the features that could be compared. */
export interface LearningCurveOptions extends Omit<TrainingChoices, 'scales' | 'cross'> {
  readonly data: string;
  readonly backboneWeights?: string;
  readonly dataset?: OpenDatasetOptions;
  /** The region of interest, as in `TrainingSource`; default: the whole picture. */
  readonly roi?: string;
  /** Good images to learn from; default: 10, 20, 50, 100, 200 … as far as there are, and all there are. */
  readonly sizes?: readonly number[];
  /** How often everything is drawn anew: the images held out, the subsets, the starting weights. Default 3. */
  readonly seeds?: number;
  /** The first of the seeds. */
  readonly seed: number;
  /** Also score the test images, for the AUROC; default false. Nothing is chosen by it. */
  readonly withDefects?: boolean;
  /** Bytes that it may take; default: what is free. */
  readonly availableMemory?: number;
  readonly device: Device;
  readonly cache?: FeatureCache;
  readonly onEvent?: EventListener;
  readonly signal?: AbortSignal;
}

/** One training on one subset. */
export interface CurvePoint {
  readonly size: number;
  readonly seed: number;
  /** Images and parts learned from: whole parts are taken, so that the images may be a few more than `size`. */
  readonly images: number;
  readonly parts: number;
  /** Mean over the held-out good images of −log p(features) / D, in nats, over what counts of them: lower is better. */
  readonly nats: number;
  /** Their mean anomaly score: ½ is that of images the flow has understood. */
  readonly score: number;
  /** Of the test images. */
  readonly auroc?: number;
}

export interface LearningCurve {
  readonly sizes: readonly number[];
  /** Sizes that were wanted and would give the same photos as others. */
  readonly dropped: readonly DroppedSize[];
  readonly points: readonly CurvePoint[];
  /** Good images and parts held out each time. */
  readonly heldOut: { readonly images: number; readonly parts: number };
  /** Fall of the held-out nats from the last size but one to the last, paired by seed. */
  readonly gain: PairedGain;
  readonly skipped: readonly SkippedFile[];
}

/** Share of the parts that is held out to measure with. */
const heldOutShare = 0.25;

/**
 * Would more photos help? Trains on nested subsets of the good training images and measures on good ones held out,
 * which takes no defective image. Test images are not opened unless `withDefects` is set.
 * @throws UserError where there are too few good images for two sizes; UsageError for sizes there are no images for
 */
export async function learningCurve(options: LearningCurveOptions): Promise<LearningCurve> {
  const settings = resolveSettings(options);
  const { device, seed, seeds = 3, onEvent, signal } = options;
  const { name, layer } = settings.backbone;
  const weights = await loadBackboneWeights(name, { file: options.backboneWeights, layer });
  const dataset = await openDataset(options.data, options.dataset);
  const draws = Array.from({ length: seeds }, (_, i): Draw => {
    const { training, calibration } = splitCalibration(dataset.images, {
      fraction: heldOutShare,
      seed: seed + i,
    });
    return { seed: seed + i, training, heldOut: calibration };
  });
  const wanted = chooseSizes(Math.min(...draws.map(({ training }) => training.length)), options.sizes);
  const drawn = subsetsOf(draws, wanted);
  // Of photos that no training looks at no features are held.
  const used = new Set(draws.flatMap(({ heldOut }, d) => [...drawn.subsets[d].flat(), ...heldOut]));
  const good = dataset.images.filter((image) => used.has(image));
  const test = options.withDefects ? dataset.images.filter(({ split }) => split === 'test') : [];
  const region = options.roi === undefined ? undefined : await readRegion(options.roi, good);
  const extraction = { ...settings, region, weights, device, cache: options.cache, onEvent, signal };
  await demandMemory(
    [...good, ...test],
    drawn.subsets,
    { settings, weights, lanes: device.lanes },
    extraction,
    options.availableMemory ?? availableMemory(),
  );

  const { features, skipped } = await extractFeatures([...good, ...test], extraction);
  const featuresOf = new Map(features.map((of) => [of.image, of]));
  const read = (images: readonly DatasetImage[]): readonly ImageFeatures[] =>
    images.flatMap((image) => featuresOf.get(image) ?? []);
  const readable = drawn.subsets.map((subsets) => subsets.map(read));
  const { sizes, dropped } = differentSizes(
    drawn.sizes,
    readable.map((subsets) => subsets.map(({ length }) => length)),
  );
  const fits = draws.flatMap(({ seed, heldOut }, d) => {
    const unseen = demandUnseen(read(heldOut), readable[d][readable[d].length - 1], skipped);
    return sizes.map((size) => {
      const images = readable[d][drawn.sizes.indexOf(size)];
      const epochs = epochsFor(settings, samplesIn(images));
      const steps = epochs * Math.ceil(samplesIn(images) / settings.recipe.batch);
      return { size, seed, images, heldOut: unseen, epochs, steps };
    });
  });
  const report = progressOf(
    'fitting',
    fits.reduce((sum, { steps }) => sum + steps, 0),
    onEvent,
  );
  const testImages = read(test);
  const points: CurvePoint[] = [];
  for (const { size, seed, images, heldOut, epochs } of fits) {
    signal?.throwIfAborted();
    const { flow } = await fitFlow(images, {
      settings,
      epochs,
      seed,
      device,
      fingerprint: '',
      signal,
      onEvent: (event) => event.kind === 'step' && report(),
    });
    const score = (of: readonly ImageFeatures[]) => scorePictures(flow, of, settings, device, signal);
    const { nats, scores } = await score(heldOut);
    const auroc =
      testImages.length === 0
        ? undefined
        : imageMetrics(
            (await score(testImages)).scores,
            testImages.map(({ image }) => image.label === 'defective'),
          ).auroc;
    const parts = partsIn(images.map(({ image }) => image));
    points.push({ size, seed, images: images.length, parts, nats: mean(nats), score: mean(scores), auroc });
  }
  const natsAt = (size: number) => points.filter((point) => point.size === size).map(({ nats }) => nats);
  const heldOut = draws[0].heldOut;
  return {
    sizes,
    dropped: [...drawn.dropped, ...dropped],
    points,
    heldOut: { images: heldOut.length, parts: partsIn(heldOut) },
    gain: pairedGain(natsAt(sizes[sizes.length - 2]), natsAt(sizes[sizes.length - 1])),
    skipped: [...dataset.skipped, ...skipped],
  };
}

interface Draw {
  readonly seed: number;
  readonly training: readonly DatasetImage[];
  readonly heldOut: readonly DatasetImage[];
}

/** The subsets of each draw, one a size, of sizes that differ. */
function subsetsOf(draws: readonly Draw[], wanted: readonly number[]) {
  const all = draws.map(({ training, seed }) => nestedSubsets(training, wanted, seed));
  const { sizes, dropped } = differentSizes(
    wanted,
    all.map((subsets) => subsets.map(({ length }) => length)),
  );
  const subsets = all.map((own) => own.filter((_, i) => sizes.includes(wanted[i])));
  return { sizes, dropped, subsets };
}

/** Held-out images without copies of pictures that are learned from, under whatever name. */
function demandUnseen(
  heldOut: readonly ImageFeatures[],
  learned: readonly ImageFeatures[],
  skipped: readonly SkippedFile[],
): readonly ImageFeatures[] {
  if (learned.length === 0 || heldOut.length === 0) {
    throw new UserError(
      `learning curve: expected readable good images to learn from and to measure with, got ${learned.length} and ` +
        `${heldOut.length}; ${skipped.length} could not be read, the first: ${skipped[0]?.reason}`,
    );
  }
  const known = new Set(learned.map(({ digest }) => digest));
  const unseen = heldOut.filter(({ digest }) => !known.has(digest));
  if (unseen.length > 0) return unseen;
  throw new UserError(
    `learning curve: expected good images to measure with that are not learned from, got ${heldOut.length} held out that are ` +
      `all copies of others, such as ${heldOut[0].image.path}; add different images (csflow data lists the copies)`,
  );
}

/** @throws UserError where the features of all images, or a step of the largest training beside them, do not fit */
async function demandMemory(
  images: readonly DatasetImage[],
  subsets: readonly (readonly (readonly DatasetImage[])[])[],
  load: Pick<TrainingLoad, 'settings' | 'weights' | 'lanes'>,
  extraction: ExtractionOptions,
  available: number,
): Promise<void> {
  const { settings } = load;
  const { configuration, recipe } = settings;
  const counts = await samplesOf(images, settings, extraction.region);
  const samples = new Map(images.map((image, i) => [image, counts[i]]));
  const sum = (of: readonly DatasetImage[]) => of.reduce((all, image) => all + (samples.get(image) ?? 0), 0);
  const largest = Math.max(1, ...subsets.map((own) => sum(own[own.length - 1])));
  const batch = Math.min(recipe.batch, largest);
  // Extracted features stay; those of one training are joined at a time.
  const extracted = featureMemory(configuration, sum(images)) / 2;
  const features = extracted + featureMemory(configuration, largest) / 2;
  const largestPicture = await largestOf(images, settings);
  const needed = (computes: boolean): number =>
    Math.max(
      extracted + featurePhase({ ...load, samples: 0, learned: 0, computes, largestPicture }),
      trainingProcess + features + stepMemory(configuration, batch, largest),
    );
  if (needed(true) <= available) return;
  const need = needed((await uncachedPictures(images, extraction)).length > 0);
  if (need <= available) return;
  throw new UserError(
    `${tooMuch('learning curve', need, available)}, ` +
      `${gigabytes(features)} of them features; a smaller --size, larger tiles or a smaller --batch need less`,
  );
}

const partsIn = (images: readonly DatasetImage[]): number => new Set(images.map(({ group }) => group)).size;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
