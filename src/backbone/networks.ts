import { UsageError } from '../errors.js';
import { scaledBlocks, type ScaledBlocks } from './mobile-blocks.js';

/** `standard`: B0 to B7, swish and squeeze-and-excitation; `lite`: ReLU6 and neither of them. */
export type Family = 'standard' | 'lite';

/** One EfficientNet; the numbers are those of Tan & Le's published code. */
export interface Network extends ScaledBlocks {
  readonly family: Family;
  /** The image side it was trained at; the padding of its layers is fixed by it. */
  readonly resolution: number;
}

/** Width and depth relative to B0, and the resolution. */
type Size = readonly [width: number, depth: number, resolution: number];

const network = (family: Family, [width, depth, resolution]: Size): Network => ({
  ...scaledBlocks({ width, depth, keepsEnds: family === 'lite' }),
  family,
  resolution,
});

const networks = {
  'efficientnet-lite0': network('lite', [1, 1, 224]),
  'efficientnet-lite1': network('lite', [1, 1.1, 240]),
  'efficientnet-lite2': network('lite', [1.1, 1.2, 260]),
  'efficientnet-lite3': network('lite', [1.2, 1.4, 280]),
  'efficientnet-lite4': network('lite', [1.4, 1.8, 300]),
  'efficientnet-b0': network('standard', [1, 1, 224]),
  'efficientnet-b1': network('standard', [1, 1.1, 240]),
  'efficientnet-b2': network('standard', [1.1, 1.2, 260]),
  'efficientnet-b3': network('standard', [1.2, 1.4, 300]),
  'efficientnet-b4': network('standard', [1.4, 1.8, 380]),
  'efficientnet-b5': network('standard', [1.6, 2.2, 456]),
  'efficientnet-b6': network('standard', [1.8, 2.6, 528]),
  'efficientnet-b7': network('standard', [2, 3.1, 600]),
} as const satisfies Record<string, Network>;

export type BackboneName = keyof typeof networks;
export const backboneNames = Object.keys(networks) as readonly BackboneName[];

export const networkNamed = (name: BackboneName): Network => networks[name];

/** Which frozen network gives the features, and after which of its blocks (counted from 0). */
export interface BackboneChoice {
  readonly name: BackboneName;
  readonly layer: number;
}

/** The block that is read unless another is named: the last before the final stage, 14 of Lite0 and 35 of B5. */
export const defaultLayer = (name: BackboneName): number => networks[name].lastOfSixthStage;

export const defaultBackbone: BackboneChoice = {
  name: 'efficientnet-lite0',
  layer: defaultLayer('efficientnet-lite0'),
};

/** The stride of the feature maps that the flow reads. */
export const featureStride = 32;

/** Channels of the features; a layer that does not exist or has another stride than 32 is a `UsageError`. */
export function featureChannels({ name, layer }: BackboneChoice): number {
  const { blocks } = networkNamed(name);
  const strideAfter = (last: number): number =>
    blocks.slice(0, last + 1).reduce((product, { stride }) => product * stride, 2);
  const block = blocks[layer];
  if (block === undefined || strideAfter(layer) !== featureStride) {
    const first = blocks.findIndex((_, i) => strideAfter(i) === featureStride);
    throw new UsageError(
      `layer: expected a block of ${name} at stride 32 (${first} to ${blocks.length - 1}), got ${layer}`,
    );
  }
  return block.outputChannels;
}
