import { messageOf } from '../../errors.js';
import { decodeMask, type ImageSize } from '../decode.js';
import type { DatasetImage } from '../types.js';

/**
 * What a picture's mask turns out to be. `dim`: nothing is defective in it, though not all of it is 0 (class
 * numbers, perhaps). `none`: there is no mask.
 */
export type MaskFinding =
  | { readonly kind: 'none' | 'filled' | 'empty' | 'dim' }
  | { readonly kind: 'other-size'; readonly size: ImageSize }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** @param picture the size of the picture the mask belongs to */
export async function lookAtMask(image: DatasetImage, picture: ImageSize): Promise<MaskFinding> {
  const { maskPath, maskValues } = image;
  if (maskPath === undefined) return { kind: 'none' };
  try {
    const { width, height, data } = await decodeMask(maskPath, undefined, maskValues);
    if (width !== picture.width || height !== picture.height) {
      return { kind: 'other-size', size: { width, height } };
    }
    if (data.includes(1)) return { kind: 'filled' };
    const anything = await decodeMask(maskPath, undefined, 'nonzero');
    return { kind: anything.data.includes(1) ? 'dim' : 'empty' };
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  }
}
