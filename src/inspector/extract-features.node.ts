import { imageFeatures, mapSizeOf, type BackboneChoice } from '../backbone/index.js';
import type { BackboneWeights } from '../backbone/weights.node.js';
import {
  contentDigest,
  decodeImageContent,
  featureKey,
  imageSize,
  mapConcurrently,
  readImageContent,
  type FeatureCache,
} from '../data/index.js';
import type { DatasetImage, RgbImage, SkippedFile } from '../data/types.js';
import { messageOf, UserError } from '../errors.js';
import { input, lower, writeOnnx } from '../graph/index.js';
import { valuesOf, type Device, type Session } from '../runtime/session.js';
import {
  cropParts,
  tilesAtOnce,
  viewsOf,
  type OpenRegion,
  type PictureView,
  type Size,
  type View,
} from '../view/index.js';
import { progressOf, type EventListener } from './events.js';

export interface ExtractionOptions {
  /** What pictures, or their tiles, are resized to. */
  readonly size: readonly [height: number, width: number];
  readonly view: View;
  /** Left out: the whole picture counts. */
  readonly region?: OpenRegion;
  readonly backbone: BackboneChoice;
  readonly weights: BackboneWeights;
  readonly device: Device;
  /** Left out: nothing is cached. */
  readonly cache?: FeatureCache;
  readonly onEvent?: EventListener;
  readonly signal?: AbortSignal;
}

/** One image's features and which file they are of. */
export interface ImageFeatures {
  readonly image: DatasetImage;
  readonly digest: string;
  /** In pixels; of a picture that is looked at in tiles. */
  readonly pictureSize?: Size;
  /** One for the whole picture, or one for each of its tiles. */
  readonly views: readonly ViewFeatures[];
}

export interface ViewFeatures extends PictureView {
  /** One a scale. */
  readonly maps: readonly Float32Array[];
}

export interface Extraction {
  readonly features: readonly ImageFeatures[];
  /** Images that could not be read. */
  readonly skipped: readonly SkippedFile[];
}

type Extracted =
  | { readonly kind: 'cached' | 'computed'; readonly found: Omit<ImageFeatures, 'image'> }
  | { readonly kind: 'unreadable'; readonly reason: string };

type Looks = Pick<ImageFeatures, 'pictureSize'> & { readonly views: readonly PictureView[] };

/** Files that are read at once where nothing is computed. */
const readAtOnce = 8;

/** Pictures under way: those that the network is at, and some more that are read and decoded meanwhile. */
export const picturesUnderWay = ({ lanes }: Pick<Device, 'lanes'>): number => lanes + 4;

/** The scales at which the backbone gives features. */
const outputs = ['f0', 'f1', 'f2'] as const;

/**
 * The backbone's features of each image or of its tiles, at three scales; each image is computed once and cached on
 * disk.
 */
export async function extractFeatures(
  images: readonly DatasetImage[],
  options: ExtractionOptions,
): Promise<Extraction> {
  const { size, view, region, device, cache, onEvent, signal } = options;
  const description = featureDescription(options);
  const geometry = { view, region, mapSize: mapSizeOf(size) };
  const whole = view.kind === 'whole' ? viewsOf(size, geometry) : undefined;
  const viewsOfFile = async (path: string): Promise<Looks> => {
    if (whole !== undefined) return { views: whole };
    const { height, width } = await imageSize(path);
    return { pictureSize: [height, width], views: viewsOf([height, width], geometry) };
  };
  let session: Promise<Session> | undefined;
  let ended = false;
  const run = async (data: Uint8Array, dims: readonly number[]): Promise<readonly Float32Array[][]> => {
    // Where the extraction fails, pictures that are being decoded come here after its end.
    if (ended) throw new Error('the extraction has ended');
    session ??= device.compileParallel(featureModel(options));
    const results = await (await session).run({ image: { dtype: 'uint8', dims, data } });
    const maps = outputs.map((name) => valuesOf(results, name, 'float32'));
    return Array.from({ length: dims[0] }, (_, i) =>
      maps.map((values) => values.slice((i * values.length) / dims[0], ((i + 1) * values.length) / dims[0])),
    );
  };
  const compute = async (picture: RgbImage, views: readonly PictureView[]): Promise<Float32Array[][]> => {
    const parts = views.flatMap(({ tile }) => tile ?? []);
    if (parts.length === 0) return [...(await run(picture.data, [1, picture.height, picture.width, 3]))];
    const maps: Float32Array[][] = [];
    for (let first = 0; first < parts.length; first += tilesAtOnce(size)) {
      signal?.throwIfAborted();
      const batch = parts.slice(first, first + tilesAtOnce(size));
      const { height, width } = batch[0];
      maps.push(...(await run(cropParts(picture, batch), [batch.length, height, width, 3])));
    }
    return maps;
  };
  const joined = ({ views, ...looks }: Looks, maps: readonly (readonly Float32Array[])[]) => ({
    ...looks,
    views: views.map((view, i): ViewFeatures => ({ ...view, maps: maps[i] })),
  });
  const extract = async (image: DatasetImage): Promise<Extracted> => {
    let picture: RgbImage;
    let key: string;
    let digest: string;
    let looks: Looks;
    try {
      const content = await readImageContent(image.path);
      digest = contentDigest(content);
      key = featureKey(description, digest);
      looks = await viewsOfFile(image.path);
      const maps = await cache?.get(key);
      if (maps?.length === looks.views.length * outputs.length) {
        return { kind: 'cached', found: { digest, ...joined(looks, inThrees(maps)) } };
      }
      picture = await decodeImageContent(content, image.path);
    } catch (error) {
      if (error instanceof UserError) return { kind: 'unreadable', reason: messageOf(error) };
      throw error;
    }
    const maps = await compute(picture, looks.views);
    await cache?.put(key, maps.flat());
    return { kind: 'computed', found: { digest, ...joined(looks, maps) } };
  };

  const features: ImageFeatures[] = [];
  const skipped: SkippedFile[] = [];
  const report = progressOf('features', images.length, onEvent);
  let next = 0;
  try {
    for await (const extracted of mapConcurrently(images, picturesUnderWay(device), extract, signal)) {
      const image = images[next++];
      if (extracted.kind === 'unreadable') {
        skipped.push({ path: image.path, reason: extracted.reason });
        onEvent?.({ kind: 'skipped', path: image.path, reason: extracted.reason });
      } else features.push({ image, ...extracted.found });
      report(extracted.kind === 'cached');
    }
  } finally {
    ended = true;
    // Why it could not be opened is told by the picture that waited for it.
    const opened = await session?.catch(() => undefined);
    await opened?.close();
  }
  await cache?.prune();
  return { features, skipped };
}

/** Everything but the picture that decides its features: with its digest the key by which they are cached. */
function featureDescription({
  size,
  view,
  region,
  backbone,
  weights,
}: Pick<ExtractionOptions, 'size' | 'view' | 'region' | 'backbone' | 'weights'>): string {
  // Of a whole picture all features are computed, whatever counts of them; the region says which tiles there are.
  const tiles = view.kind === 'tiles' && { tile: view.tile, overlap: view.overlap, region: region?.region };
  return JSON.stringify({ weights: weights.digest, backbone, size, format: 1, ...(tiles && { tiles }) });
}

/** Those of some pictures whose features are not cached, so that the backbone has to compute them. */
export async function uncachedPictures(
  pictures: readonly DatasetImage[],
  { cache, signal, ...options }: Omit<ExtractionOptions, 'device' | 'onEvent'>,
): Promise<readonly DatasetImage[]> {
  if (cache === undefined) return pictures;
  const description = featureDescription(options);
  const isCached = async ({ path }: DatasetImage): Promise<boolean> => {
    // What cannot be read is left to those who read it.
    const content = await readImageContent(path).catch(() => undefined);
    return content !== undefined && cache.has(featureKey(description, contentDigest(content)));
  };
  const uncached: DatasetImage[] = [];
  let next = 0;
  for await (const cached of mapConcurrently(pictures, readAtOnce, isCached, signal)) {
    const picture = pictures[next++];
    if (!cached) uncached.push(picture);
  }
  return uncached;
}

/** The maps of each view, from those of all views one after another. */
function inThrees(maps: readonly Float32Array[]): readonly (readonly Float32Array[])[] {
  return Array.from({ length: maps.length / outputs.length }, (_, i) =>
    maps.slice(i * outputs.length, (i + 1) * outputs.length),
  );
}

function featureModel({
  size,
  backbone,
  weights,
}: Pick<ExtractionOptions, 'size' | 'backbone' | 'weights'>): Uint8Array {
  const image = input('image', ['N', 'H', 'W', 3], 'uint8');
  const [f0, f1, f2] = imageFeatures(image, size, backbone, weights.weights);
  return writeOnnx(lower({ f0: f0, f1: f1, f2: f2 }), { name: 'features' });
}
