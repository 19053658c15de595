import { UsageError } from '../errors.js';
import { cast, resizeImage, scalar, scale, sliceRanges, sub, transpose, type Node } from '../graph/index.js';
import type { Safetensors } from '../tensor/safetensors.js';
import { efficientNetLite0, liteBlocks } from './efficientnet-lite.js';

export const backboneNames = ['efficientnet-lite0'] as const;
export type BackboneName = (typeof backboneNames)[number];

/** Which frozen network gives the features, and after which of its blocks (counted from 0). */
export interface BackboneChoice {
  readonly name: BackboneName;
  readonly layer: number;
}

export const defaultBackbone: BackboneChoice = { name: 'efficientnet-lite0', layer: 14 };

/** The stride of the feature maps that the flow reads. */
export const featureStride = 32;

/** Channels of the features; a layer that does not exist or has another stride than 32 is a `UsageError`. */
export function featureChannels({ name, layer }: BackboneChoice): number {
  const stride = liteBlocks.slice(0, layer + 1).reduce((product, block) => product * block.stride, 2);
  const block = liteBlocks[layer];
  if (block === undefined || stride !== featureStride) {
    const first = liteBlocks.length - 5;
    throw new UsageError(
      `layer: expected a block of ${name} at stride 32 (${first} to ${liteBlocks.length - 1}), got ${layer}`,
    );
  }
  return block.outputChannels;
}

/** Image sides must give maps that divide by 4 at the finest scale. */
export const imageSideMultiple = 128;

/**
 * Height and width of the features at scale 0 for an image size.
 * @throws UsageError where a side is no multiple of 128
 */
export function mapSizeOf([height, width]: readonly [number, number]): readonly [number, number] {
  for (const side of [height, width]) {
    if (!Number.isInteger(side) || side < imageSideMultiple || side % imageSideMultiple !== 0) {
      throw new UsageError(
        `size: expected multiples of ${imageSideMultiple} (such as 384x384), got ${height}x${width}`,
      );
    }
  }
  return [height / featureStride, width / featureStride];
}

/** The pictures resized (bilinear, antialiased, aspect not kept) and normalised: [N, 3, height, width]. */
function normalised(image: Node, [height, width]: readonly [number, number]): Node {
  const pixels = transpose(cast(resizeImage(image, height, width), 'float32'), [0, 3, 1, 2]);
  return scale(sub(pixels, scalar(127)), 1 / 128);
}

/** Every 2ˢ-th row and column from the first: nearest-neighbour, index floor(i·2ˢ). */
function everyNth(pixels: Node, step: number, [height, width]: readonly [number, number]): Node {
  if (step === 1) return pixels;
  return sliceRanges(pixels, [
    { axis: 2, start: 0, end: height, step },
    { axis: 3, start: 0, end: width, step },
  ]);
}

/**
 * The features of pictures at full, half and quarter size.
 * @param image uint8 RGB [N, H, W, 3] of any H and W
 * @returns [N, C, height/32/2ˢ, width/32/2ˢ] for s = 0, 1, 2
 */
export function imageFeatures(
  image: Node,
  size: readonly [height: number, width: number],
  choice: BackboneChoice,
  weights: Safetensors,
): readonly Node[] {
  const network = efficientNetLite0(weights, choice.layer);
  const pixels = normalised(image, size);
  return [1, 2, 4].map((step) => network(everyNth(pixels, step, size)));
}
