import { UsageError } from '../errors.js';
import { cast, resizeImage, sliceRanges, transpose, type Node } from '../graph/index.js';
import type { Safetensors } from '../tensor/safetensors.js';
import { efficientNet } from './efficientnet.js';
import { featureStride, networkNamed, type BackboneChoice } from './networks.js';
import { normalisePixels } from './normalisation.js';

/** Image sides must give maps that divide by 4 at the finest scale. */
export const imageSideMultiple = 128;

/**
 * The size nearest to the one asked for that a model can have: both sides multiples of 128, at least 128. Pictures are
 * stretched to it in any case, so a size in between would only add a border without content.
 * @throws UsageError where a side is no whole number from 1
 */
export function nearestImageSize([height, width]: readonly [number, number]): readonly [number, number] {
  const [rows, columns] = [height, width].map((side) => {
    if (!Number.isInteger(side) || side < 1) {
      throw new UsageError(`size: expected whole numbers from 1 (such as 384x384), got ${height}x${width}`);
    }
    return imageSideMultiple * Math.max(1, Math.round(side / imageSideMultiple));
  });
  return [rows, columns];
}

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
 * @param image uint8 RGB [N, H, W, 3] of any H and W; resized bilinear, antialiased, its aspect not kept
 * @returns [N, C, height/32/2ˢ, width/32/2ˢ] for s = 0, 1, 2
 */
export function imageFeatures(
  image: Node,
  size: readonly [height: number, width: number],
  choice: BackboneChoice,
  weights: Safetensors,
): readonly Node[] {
  const network = efficientNet(choice, weights);
  const resized = transpose(cast(resizeImage(image, size[0], size[1]), 'float32'), [0, 3, 1, 2]);
  const pixels = normalisePixels(resized, networkNamed(choice.name).family);
  return [1, 2, 4].map((step) => network(everyNth(pixels, step, size)));
}
