import {
  contentDigest,
  decodeImageContent,
  decodeMask,
  mapConcurrently,
  readImageContent,
} from '../data/index.js';
import type { DatasetImage, Mask, RgbImage, SkippedFile } from '../data/types.js';
import { messageOf, UserError } from '../errors.js';
import { evaluateScores, type EvaluationSummary, type ScoredMap } from '../evaluation/index.js';
import { measurePixels } from '../evaluation/measure-pixels.node.js';
import { progressOf, type EventListener } from './events.js';
import type { Inspector, Verdict } from './inspector.js';

export interface EvaluateOptions {
  readonly onEvent?: EventListener;
  readonly signal?: AbortSignal;
}

export interface InspectedImage {
  readonly image: DatasetImage;
  readonly verdict: Pick<Verdict, 'score' | 'pValue' | 'defective'>;
}

export interface Evaluation {
  readonly summary: EvaluationSummary;
  /** Images that the pixel figures are made from. */
  readonly pixelImages: number;
  readonly images: readonly InspectedImage[];
  /** Pictures and masks that could not be used. */
  readonly skipped: readonly SkippedFile[];
  /** Pictures the model was trained or calibrated on, left out of every figure. */
  readonly leftOut: readonly string[];
}

type MaskFound = { readonly mask?: Mask; readonly maskProblem?: string };

type Loaded =
  | (MaskFound & { readonly kind: 'picture'; readonly picture: RgbImage })
  | { readonly kind: 'seen' }
  | { readonly kind: 'unreadable'; readonly reason: string };

type Looked =
  | Exclude<Loaded, { readonly kind: 'picture' }>
  | (MaskFound & { readonly kind: 'verdict'; readonly verdict: Verdict });

/** Pictures under way beyond those that the model is at. */
const ahead = 4;

/** Scores the test images of a data set and compares with what is known of them. */
export async function evaluateImages(
  inspector: Inspector,
  images: readonly DatasetImage[],
  { onEvent, signal }: EvaluateOptions = {},
): Promise<Evaluation> {
  const seen = new Set([
    ...inspector.metadata.data.trainingImages,
    ...inspector.metadata.data.calibrationImages,
  ]);
  const test = images.filter(({ split }) => split === 'test');
  const report = progressOf('evaluating', test.length, onEvent);
  const inspected: InspectedImage[] = [];
  const maps: ScoredMap[] = [];
  const skipped: SkippedFile[] = [];
  const leftOut: string[] = [];
  const withoutMask: string[] = [];
  const skip = (path: string, reason: string): void => {
    skipped.push({ path, reason });
    onEvent?.({ kind: 'skipped', path, reason });
  };
  const look = async (image: DatasetImage): Promise<Looked> => {
    const loaded = await load(image, seen);
    if (loaded.kind !== 'picture') return loaded;
    const { picture, mask, maskProblem } = loaded;
    return { kind: 'verdict', verdict: await inspector.inspect(picture), mask, maskProblem };
  };
  let next = 0;
  for await (const looked of mapConcurrently(test, inspector.lanes + ahead, look, signal)) {
    const image = test[next++];
    report();
    if (looked.kind === 'seen') leftOut.push(image.path);
    else if (looked.kind === 'unreadable') skip(image.path, looked.reason);
    else {
      const { map, mapSize, ...verdict } = looked.verdict;
      inspected.push({ image, verdict });
      if (looked.maskProblem !== undefined) skip(image.maskPath ?? image.path, looked.maskProblem);
      const mask =
        image.label === 'good' ? emptyMask(mapSize) : looked.mask && resizeMask(looked.mask, mapSize);
      if (mask === undefined && looked.maskProblem === undefined) withoutMask.push(image.path);
      if (mask !== undefined) maps.push({ map, mask, height: mapSize[0], width: mapSize[1] });
    }
  }
  if (inspected.length === 0) {
    throw new UserError(
      `evaluate: expected test images, got none to score (${leftOut.length} the model was trained on, ${skipped.length} unreadable)`,
    );
  }
  const items = inspected.map(({ image: { label, defectClass }, verdict: { score } }) => ({
    score,
    label,
    defectClass,
  }));
  const hasMasks = maps.some(({ mask }) => mask.includes(1));
  if (hasMasks) for (const path of withoutMask) skip(path, 'no mask: left out of the pixel figures');
  if (hasMasks) onEvent?.({ kind: 'phase', name: 'measuring pixels' });
  const summary = evaluateScores(
    items,
    inspector.metadata.threshold.value,
    hasMasks ? await measurePixels(maps) : undefined,
  );
  return { summary, pixelImages: hasMasks ? maps.length : 0, images: inspected, skipped, leftOut };
}

async function load(image: DatasetImage, seen: ReadonlySet<string>): Promise<Loaded> {
  try {
    const content = await readImageContent(image.path);
    if (seen.has(contentDigest(content))) return { kind: 'seen' };
    const picture = await decodeImageContent(content, image.path);
    if (image.label === 'good' || image.maskPath === undefined) return { kind: 'picture', picture };
    try {
      return { kind: 'picture', picture, mask: await decodeMask(image.maskPath, picture) };
    } catch (error) {
      return { kind: 'picture', picture, maskProblem: messageOf(error) };
    }
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  }
}

const emptyMask = ([height, width]: readonly [number, number]): Uint8Array => new Uint8Array(height * width);

/** Nearest neighbour: a mask stays a mask. */
function resizeMask(
  { width, height, data }: Mask,
  [toHeight, toWidth]: readonly [number, number],
): Uint8Array {
  const resized = new Uint8Array(toHeight * toWidth);
  for (let y = 0; y < toHeight; y++) {
    const row = Math.floor(((y + 0.5) * height) / toHeight) * width;
    for (let x = 0; x < toWidth; x++) {
      resized[y * toWidth + x] = data[row + Math.floor(((x + 0.5) * width) / toWidth)]!;
    }
  }
  return resized;
}
