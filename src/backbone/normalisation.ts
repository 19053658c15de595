import { constant, mul, scalar, scale, sub, type Node } from '../graph/index.js';
import { floatTensor } from '../tensor/tensor.js';
import type { Family } from './networks.js';

/** ImageNet's mean and deviation of red, green, blue in [0, 1], as published with the B nets' weights. */
const mean = [0.485, 0.456, 0.406] as const;
const deviation = [0.229, 0.224, 0.225] as const;

const perChannel = (values: readonly number[]): Node => constant(floatTensor([1, 3, 1, 1], values));

/** Pixels 0 to 255 [N, 3, H, W] as a family's nets want them. */
export function normalisePixels(pixels: Node, family: Family): Node {
  switch (family) {
    case 'lite':
      return scale(sub(pixels, scalar(127)), 1 / 128);
    case 'standard': {
      const centred = sub(pixels, perChannel(mean.map((value) => 255 * value)));
      return mul(centred, perChannel(deviation.map((value) => 1 / (255 * value))));
    }
  }
}
