import { imageFeatures, type BackboneChoice } from '../backbone/index.js';
import type { BackboneWeights } from '../backbone/weights.node.js';
import {
  contentDigest,
  decodeImageContent,
  featureKey,
  mapConcurrently,
  readImageContent,
  type FeatureCache,
} from '../data/index.js';
import type { DatasetImage, RgbImage, SkippedFile } from '../data/types.js';
import { messageOf, UserError } from '../errors.js';
import { input, lower, writeOnnx } from '../graph/index.js';
import { valuesOf, type Device, type Session } from '../runtime/session.js';
import { progressOf, type EventListener } from './events.js';

export interface ExtractionOptions {
  readonly size: readonly [height: number, width: number];
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
  readonly maps: readonly Float32Array[];
}

export interface Extraction {
  readonly features: readonly ImageFeatures[];
  /** Images that could not be read. */
  readonly skipped: readonly SkippedFile[];
}

type Extracted =
  | { readonly kind: 'cached' | 'computed'; readonly digest: string; readonly maps: readonly Float32Array[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Pictures under way beyond those that the network is at. */
const ahead = 4;

/** The backbone's features of each image, at three scales; each image is computed once and cached on disk. */
export async function extractFeatures(
  images: readonly DatasetImage[],
  options: ExtractionOptions,
): Promise<Extraction> {
  const { size, backbone, weights, device, cache, onEvent, signal } = options;
  const description = JSON.stringify({ weights: weights.digest, backbone, size, format: 1 });
  let session: Promise<Session> | undefined;
  const compute = async ({ width, height, data }: RgbImage): Promise<readonly Float32Array[]> => {
    session ??= device.compileParallel(featureModel(options));
    const image = { dtype: 'uint8', dims: [1, height, width, 3], data } as const;
    const results = await (await session).run({ image });
    return ['f0', 'f1', 'f2'].map((name) => valuesOf(results, name, 'float32'));
  };
  const extract = async (image: DatasetImage): Promise<Extracted> => {
    let picture: RgbImage;
    let key: string;
    let digest: string;
    try {
      const content = await readImageContent(image.path);
      digest = contentDigest(content);
      key = featureKey(description, digest);
      const maps = await cache?.get(key);
      if (maps !== undefined) return { kind: 'cached', digest, maps };
      picture = await decodeImageContent(content, image.path);
    } catch (error) {
      if (error instanceof UserError) return { kind: 'unreadable', reason: messageOf(error) };
      throw error;
    }
    const maps = await compute(picture);
    await cache?.put(key, maps);
    return { kind: 'computed', digest, maps };
  };

  const features: ImageFeatures[] = [];
  const skipped: SkippedFile[] = [];
  const report = progressOf('features', images.length, onEvent);
  let next = 0;
  for await (const extracted of mapConcurrently(images, device.lanes + ahead, extract, signal)) {
    const image = images[next++];
    if (extracted.kind === 'unreadable') {
      skipped.push({ path: image.path, reason: extracted.reason });
      onEvent?.({ kind: 'skipped', path: image.path, reason: extracted.reason });
    } else features.push({ image, digest: extracted.digest, maps: extracted.maps });
    report(extracted.kind === 'cached');
  }
  await (await session)?.close();
  await cache?.prune();
  return { features, skipped };
}

function featureModel({ size, backbone, weights }: ExtractionOptions): Uint8Array {
  const image = input('image', ['N', 'H', 'W', 3], 'uint8');
  const [f0, f1, f2] = imageFeatures(image, size, backbone, weights.weights);
  return writeOnnx(lower({ f0: f0, f1: f1, f2: f2 }), { name: 'features' });
}
