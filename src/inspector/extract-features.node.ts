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

type Loaded =
  | { readonly kind: 'cached'; readonly digest: string; readonly maps: readonly Float32Array[] }
  | { readonly kind: 'decoded'; readonly digest: string; readonly picture: RgbImage }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Pictures decoded ahead of the network. */
const decodedAhead = 4;

/** The backbone's features of each image, at three scales; each image is computed once and cached on disk. */
export async function extractFeatures(
  images: readonly DatasetImage[],
  options: ExtractionOptions,
): Promise<Extraction> {
  const { size, backbone, weights, device, cache, onEvent, signal } = options;
  const description = JSON.stringify({ weights: weights.digest, backbone, size, format: 1 });
  let session: Session | undefined;
  const compute = async ({ width, height, data }: RgbImage): Promise<readonly Float32Array[]> => {
    session ??= await device.compile(featureModel(options));
    const results = await session.run({ image: { dtype: 'uint8', dims: [1, height, width, 3], data } });
    return ['f0', 'f1', 'f2'].map((name) => valuesOf(results, name, 'float32'));
  };
  const load = async (image: DatasetImage): Promise<Loaded> => {
    try {
      const content = await readImageContent(image.path);
      const digest = contentDigest(content);
      const maps = await cache?.get(featureKey(description, digest));
      if (maps !== undefined) return { kind: 'cached', digest, maps };
      return { kind: 'decoded', digest, picture: await decodeImageContent(content, image.path) };
    } catch (error) {
      if (error instanceof UserError) return { kind: 'unreadable', reason: messageOf(error) };
      throw error;
    }
  };

  const features: ImageFeatures[] = [];
  const skipped: SkippedFile[] = [];
  const report = progressOf('features', images.length, onEvent);
  let next = 0;
  for await (const loaded of mapConcurrently(images, decodedAhead, load, signal)) {
    const image = images[next++];
    if (loaded.kind === 'unreadable') {
      skipped.push({ path: image.path, reason: loaded.reason });
      onEvent?.({ kind: 'skipped', path: image.path, reason: loaded.reason });
    } else if (loaded.kind === 'cached') features.push({ image, digest: loaded.digest, maps: loaded.maps });
    else {
      const maps = await compute(loaded.picture);
      await cache?.put(featureKey(description, loaded.digest), maps);
      features.push({ image, digest: loaded.digest, maps });
    }
    report(loaded.kind === 'cached');
  }
  await session?.close();
  await cache?.prune();
  return { features, skipped };
}

function featureModel({ size, backbone, weights }: ExtractionOptions): Uint8Array {
  const image = input('image', ['N', 'H', 'W', 3], 'uint8');
  const [f0, f1, f2] = imageFeatures(image, size, backbone, weights.weights);
  return writeOnnx(lower({ f0: f0, f1: f1, f2: f2 }), { name: 'features' });
}
