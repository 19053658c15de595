import { basename } from 'node:path';
import {
  contentDigest,
  decodeImageContent,
  decodeMask,
  mapConcurrently,
  readImageContent,
} from '../data/index.js';
import type { DatasetImage, DataWarning, Mask, RgbImage, SkippedFile } from '../data/types.js';
import { messageOf, UserError } from '../errors.js';
import { evaluateScores, type EvaluationSummary, type IntervalOptions } from '../evaluation/index.js';
import type { Size } from '../view/index.js';
import { progressOf, type EventListener } from './events.js';
import type { Inspector, Verdict } from './inspector.js';
import { knownImages } from './known-images.js';
import { measurePictures, type MeasuredPicture } from './measure-pictures.node.js';
import type { CutMask, OutsideRegion } from './outside-region.js';

export interface EvaluateOptions {
  /** Of the confidence intervals. */
  readonly intervals?: IntervalOptions;
  readonly onEvent?: EventListener;
  readonly signal?: AbortSignal;
}

export interface InspectedImage {
  readonly image: DatasetImage;
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly verdict: Pick<Verdict, 'score' | 'pValue' | 'defective'>;
  /** How much of the defect, by its mask, lies outside the model's region of interest; left out where nothing does. */
  readonly outsideRegion?: CutMask['outside'];
}

export interface Evaluation {
  readonly summary: EvaluationSummary;
  /** Images that the pixel figures are made from. */
  readonly pixelImages: number;
  /** Where the model has a region of interest: what the masks mark outside of it, which no figure counts. */
  readonly outsideRegion?: OutsideRegion;
  readonly images: readonly InspectedImage[];
  /** Pictures and masks that could not be used. */
  readonly skipped: readonly SkippedFile[];
  /** Pictures that the model, or one that it goes on from, was trained or calibrated on: left out of every figure. */
  readonly leftOut: readonly string[];
  /** How many of the images the threshold was chosen on: figures at it flatter. */
  readonly choseThreshold: number;
  /** What flatters or spoils the figures. */
  readonly warnings: readonly DataWarning[];
}

type MaskFound = { readonly mask?: Mask; readonly maskProblem?: string };

type Loaded =
  | (MaskFound & { readonly kind: 'picture'; readonly picture: RgbImage; readonly digest: string })
  | { readonly kind: 'seen' }
  | { readonly kind: 'unreadable'; readonly reason: string };

type Looked =
  | Exclude<Loaded, { readonly kind: 'picture' }>
  | (MaskFound & {
      readonly kind: 'verdict';
      readonly verdict: Verdict;
      readonly digest: string;
      readonly size: Size;
    });

const noneOutside: OutsideRegion = { images: 0, wholly: 0, share: 0 };

/** Pictures under way beyond those that the model is at. */
const ahead = 4;

/**
 * Scores the test images of a data set and compares with what is known of them. Anomaly maps are measured as they come
 * and not kept; for that the defective images are looked at first.
 */
export async function evaluateImages(
  inspector: Inspector,
  images: readonly DatasetImage[],
  { onEvent, signal, intervals }: EvaluateOptions = {},
): Promise<Evaluation> {
  const seen = knownImages(inspector.metadata);
  const test = images.filter(({ split }) => split === 'test');
  const ordered = [
    ...test.filter(({ label }) => label === 'defective'),
    ...test.filter(({ label }) => label === 'good'),
  ];
  const report = progressOf('evaluating', test.length, onEvent);
  const inspected: InspectedImage[] = [];
  const skipped: SkippedFile[] = [];
  const leftOut: string[] = [];
  const withoutMask: string[] = [];
  const goodWithDefect: DatasetImage[] = [];
  let measured = 0;
  const { origin } = inspector.metadata.threshold;
  const chosenOn = new Set('images' in origin ? origin.images : []);
  let choseThreshold = 0;
  const skip = (path: string, reason: string): void => {
    skipped.push({ path, reason });
    onEvent?.({ kind: 'skipped', path, reason });
  };
  const look = async (image: DatasetImage): Promise<Looked> => {
    const loaded = await load(image, seen);
    if (loaded.kind !== 'picture') return loaded;
    const { picture, ...others } = loaded;
    const size = [picture.height, picture.width] as const;
    return { ...others, kind: 'verdict', size, verdict: await inspector.inspect(picture) };
  };
  const pixels = test.some(({ maskPath }) => maskPath !== undefined)
    ? measurePictures(inspector.metadata, test.length)
    : undefined;
  const measure = async (
    { verdict, size, mask }: Extract<Looked, { readonly kind: 'verdict' }>,
    image: DatasetImage,
  ): Promise<MeasuredPicture['outside']> => {
    if (image.label === 'good' && mask?.data.includes(1)) {
      goodWithDefect.push(image);
      return undefined;
    }
    const found = await pixels?.add(image, size, verdict, mask);
    if (found !== undefined) measured++;
    return found?.outside;
  };
  try {
    let next = 0;
    for await (const looked of mapConcurrently(ordered, inspector.lanes + ahead, look, signal)) {
      const image = ordered[next++];
      report();
      if (looked.kind === 'seen') leftOut.push(image.path);
      else if (looked.kind === 'unreadable') skip(image.path, looked.reason);
      else {
        const { verdict, mask, maskProblem } = looked;
        const { score, pValue, defective } = verdict;
        if (chosenOn.has(looked.digest)) choseThreshold++;
        if (maskProblem !== undefined) skip(image.maskPath ?? image.path, maskProblem);
        else if (image.label === 'defective' && mask === undefined) withoutMask.push(image.path);
        const outside = await measure(looked, image);
        inspected.push({
          image,
          digest: looked.digest,
          verdict: { score, pValue, defective },
          ...(outside && { outsideRegion: outside }),
        });
      }
    }
    if (inspected.length === 0) {
      throw new UserError(
        `evaluate: expected test images, got none to score (${leftOut.length} the model was trained on, ${skipped.length} unreadable)`,
      );
    }
    if (pixels !== undefined) onEvent?.({ kind: 'phase', name: 'measuring pixels' });
    const { value: threshold, pixel } = inspector.metadata.threshold;
    const metrics = await pixels?.finish(pixel.value, intervals ?? {});
    const hasMasks = metrics !== undefined && metrics.all.regions > 0;
    if (hasMasks) for (const path of withoutMask) skip(path, 'no mask: left out of the pixel figures');
    const summary = evaluateScores(
      inspected.map(({ image: { label, defectClass, group }, verdict: { score } }) => ({
        score,
        label,
        defectClass,
        group,
      })),
      threshold,
      { ...intervals, pixels: hasMasks ? metrics : undefined, pixelThreshold: pixel.value },
    );
    const place = new Map(test.map((image, i) => [image, i]));
    inspected.sort((a, b) => place.get(a.image)! - place.get(b.image)!);
    const outsideRegion = inspector.metadata.roi && (pixels?.outside() ?? noneOutside);
    return {
      summary,
      pixelImages: hasMasks ? measured : 0,
      ...(outsideRegion && { outsideRegion }),
      images: inspected,
      skipped,
      leftOut,
      choseThreshold,
      warnings: [...seenWarnings(leftOut), ...goodWithDefectWarnings(goodWithDefect)],
    };
  } finally {
    await pixels?.close();
  }
}

/** Of pictures that the model has learned from. */
export function seenWarnings(leftOut: readonly string[]): readonly DataWarning[] {
  if (leftOut.length === 0) return [];
  const [are, they] =
    leftOut.length === 1 ? ['1 test image is', 'it is'] : [`${leftOut.length} test images are`, 'they are'];
  const message = `${are} among those that the model was trained or calibrated on: ${they} left out of every figure; others may show the same parts`;
  return [{ code: 'seen-in-training', message, files: leftOut }];
}

function goodWithDefectWarnings(images: readonly DatasetImage[]): readonly DataWarning[] {
  if (images.length === 0) return [];
  const [first] = images;
  const pictures = images.length === 1 ? '1 picture' : `${images.length} pictures`;
  const message = `${pictures} good with a mask that shows a defect, left out of the pixel figures: is the label right? (such as ${basename(first.maskPath ?? first.path)})`;
  return [{ code: 'masks', message, files: images.map(({ maskPath, path }) => maskPath ?? path) }];
}

async function load(image: DatasetImage, seen: ReadonlySet<string>): Promise<Loaded> {
  try {
    const content = await readImageContent(image.path);
    const digest = contentDigest(content);
    if (seen.has(digest)) return { kind: 'seen' };
    const picture = await decodeImageContent(content, image.path);
    if (image.maskPath === undefined) return { kind: 'picture', picture, digest };
    try {
      return {
        kind: 'picture',
        picture,
        digest,
        mask: await decodeMask(image.maskPath, picture, image.maskValues),
      };
    } catch (error) {
      return { kind: 'picture', picture, digest, maskProblem: messageOf(error) };
    }
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  }
}
