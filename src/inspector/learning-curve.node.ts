import { loadBackboneWeights } from '../backbone/weights.node.js';
import {
  nestedSubsets,
  openDataset,
  splitCalibration,
  type FeatureCache,
  type OpenDatasetOptions,
} from '../data/index.js';
import type { DatasetImage, SkippedFile } from '../data/types.js';
import { UsageError, UserError } from '../errors.js';
import { imageMetrics, pairedGain, type PairedGain } from '../evaluation/index.js';
import type { Device } from '../runtime/session.js';
import { progressOf, type EventListener } from './events.js';
import { extractFeatures, type ImageFeatures } from './extract-features.node.js';
import { fitFlow, joinFeatures } from './fit-flow.node.js';
import { scoreWithFlow } from './flow-scores.js';
import { epochsFor, resolveSettings, type TrainingChoices } from './settings.js';

export interface LearningCurveOptions extends Omit<
  TrainingChoices,
  'scales' | 'cross' | 'tile' | 'overlap' | 'tileScore'
> {
  readonly data: string;
  readonly backboneWeights?: string;
  readonly dataset?: OpenDatasetOptions;
  /** Good images to learn from; default: 10, 20, 50, 100, 200 … as far as there are, and all there are. */
  readonly sizes?: readonly number[];
  /** How often everything is drawn anew: the images held out, the subsets, the starting weights. Default 3. */
  readonly seeds?: number;
  /** The first of the seeds. */
  readonly seed: number;
  /** Also score the test images, for the AUROC; default false. Nothing is chosen by it. */
  readonly withDefects?: boolean;
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
  /** Mean over the held-out good images of −log p(features) / D, in nats: lower is better. */
  readonly nats: number;
  /** Their mean anomaly score: ½ is that of images the flow has understood. */
  readonly score: number;
  /** Of the test images. */
  readonly auroc?: number;
}

export interface LearningCurve {
  readonly sizes: readonly number[];
  readonly points: readonly CurvePoint[];
  /** Good images and parts held out each time. */
  readonly heldOut: { readonly images: number; readonly parts: number };
  /** Fall of the held-out nats from the last size but one to the last, paired by seed. */
  readonly gain: PairedGain;
  readonly skipped: readonly SkippedFile[];
}

/** Share of the parts that is held out to measure with. */
const heldOutShare = 0.25;
const usualSizes = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] as const;

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
  const draws = Array.from({ length: seeds }, (_, i) => {
    const { training, calibration } = splitCalibration(dataset.images, {
      fraction: heldOutShare,
      seed: seed + i,
    });
    return { seed: seed + i, training, heldOut: calibration };
  });
  const sizes = chooseSizes(Math.min(...draws.map(({ training }) => training.length)), options.sizes);
  const good = [...draws[0].training, ...draws[0].heldOut];
  const test = options.withDefects ? dataset.images.filter(({ split }) => split === 'test') : [];
  const extraction = { ...settings, weights, device, cache: options.cache, onEvent, signal };
  const { features, skipped } = await extractFeatures([...good, ...test], extraction);
  const featuresOf = new Map(features.map((of) => [of.image, of]));
  const read = (images: readonly DatasetImage[]): readonly ImageFeatures[] =>
    images.flatMap((image) => featuresOf.get(image) ?? []);

  /** Without copies of pictures that are learned from, under whatever name. */
  const unseen = (training: readonly DatasetImage[], heldOut: readonly DatasetImage[]) => {
    const learned = new Set(read(training).map(({ digest }) => digest));
    return read(heldOut).filter(({ digest }) => !learned.has(digest));
  };

  const fits = draws.flatMap(({ seed, training, heldOut }) =>
    nestedSubsets(training, sizes, seed).map((subset, i) => {
      const images = read(subset);
      const epochs = epochsFor(settings, images.length);
      const steps = epochs * Math.ceil(images.length / settings.recipe.batch);
      return { size: sizes[i], seed, images, heldOut: unseen(training, heldOut), epochs, steps };
    }),
  );
  if (fits.some(({ images, heldOut }) => images.length === 0 || heldOut.length === 0)) {
    throw new UserError(
      `learning curve: expected readable good images, got ${skipped.length} that could not be read; the first: ${skipped[0]?.reason}`,
    );
  }
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
    const score = (of: readonly ImageFeatures[]) =>
      scoreWithFlow(flow, joinFeatures(of, settings), device, signal);
    const { nats, scores } = await score(heldOut);
    const auroc =
      testImages.length === 0
        ? undefined
        : imageMetrics(
            (await score(testImages)).scores,
            testImages.map(({ image }) => image.label === 'defective'),
          ).auroc;
    const parts = new Set(images.map(({ image }) => image.group)).size;
    points.push({ size, seed, images: images.length, parts, nats: mean(nats), score: mean(scores), auroc });
  }
  const natsAt = (size: number) => points.filter((point) => point.size === size).map(({ nats }) => nats);
  const heldOut = draws[0].heldOut;
  return {
    sizes,
    points,
    heldOut: { images: heldOut.length, parts: new Set(heldOut.map(({ group }) => group)).size },
    gain: pairedGain(natsAt(sizes[sizes.length - 2]), natsAt(sizes[sizes.length - 1])),
    skipped: [...dataset.skipped, ...skipped],
  };
}

function chooseSizes(available: number, wanted?: readonly number[]): readonly number[] {
  if (wanted === undefined) {
    const sizes = usualSizes.filter((size) => size <= available);
    // The last step must be long enough to show something.
    const all = sizes.length > 0 && available < 1.4 * sizes[sizes.length - 1] ? [] : [available];
    const chosen = [...sizes, ...all];
    if (chosen.length >= 2) return chosen;
    if (available >= 4) return [Math.floor(available / 2), available];
    throw new UserError(
      `learning curve: expected at least 6 good training images, got ${available} to learn from beside those held out; add good images`,
    );
  }
  const sizes = [...new Set(wanted)].sort((a, b) => a - b);
  if (sizes.length < 2) throw new UsageError(`sizes: expected at least two, got ${wanted.join()}`);
  const largest = sizes[sizes.length - 1];
  if (largest > available) {
    throw new UsageError(
      `sizes: expected at most ${available}, the good training images beside those held out to measure with, got ${largest}`,
    );
  }
  return sizes;
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
