import { add } from '../graph/index.js';
import type { Safetensors } from '../tensor/safetensors.js';
import { normalisedConv, relu6, squeezeAndExcite, swish, type Layer } from './layers.js';
import type { MobileBlock } from './mobile-blocks.js';
import { networkNamed, type BackboneChoice, type Family } from './networks.js';

const activations: Readonly<Record<Family, Layer>> = { standard: swish, lite: relu6 };

/** @param size side of the block's input at the net's own resolution */
function mobileBlock(
  weights: Safetensors,
  index: number,
  block: MobileBlock,
  size: number,
  family: Family,
): Layer {
  const { stride, expansion, inputChannels, outputChannels } = block;
  const activation = activations[family];
  const name = `_blocks.${index}`;
  const expand =
    expansion > 1
      ? normalisedConv(weights, `${name}._expand_conv`, `${name}._bn0`, { stride: 1, size })
      : undefined;
  const depthwise = normalisedConv(weights, `${name}._depthwise_conv`, `${name}._bn1`, {
    stride,
    size,
    groups: inputChannels * expansion,
  });
  const excite = family === 'standard' ? squeezeAndExcite(weights, name) : undefined;
  const project = normalisedConv(weights, `${name}._project_conv`, `${name}._bn2`, {
    stride: 1,
    size: Math.ceil(size / stride),
  });
  const skips = stride === 1 && inputChannels === outputChannels;
  return (x) => {
    const wide = expand === undefined ? x : activation(expand(x));
    const filtered = activation(depthwise(wide));
    const narrow = project(excite === undefined ? filtered : excite(filtered));
    return skips ? add(narrow, x) : narrow;
  };
}

/**
 * An EfficientNet up to and with block `layer` (counted from 0), as a function from normalised pixels
 * [N, 3, H, W] to features; its weights are made into constants once and shared by every use.
 * Source: Tan & Le, 2019; names and static padding as in efficientnet_pytorch 0.7.1.
 */
export function efficientNet({ name, layer }: BackboneChoice, weights: Safetensors): Layer {
  const { family, resolution, blocks } = networkNamed(name);
  const stem = normalisedConv(weights, '_conv_stem', '_bn0', { stride: 2, size: resolution });
  let size = Math.ceil(resolution / 2);
  const built = blocks.slice(0, layer + 1).map((block, i) => {
    const made = mobileBlock(weights, i, block, size, family);
    size = Math.ceil(size / block.stride);
    return made;
  });
  return (pixels) => built.reduce((x, block) => block(x), activations[family](stem(pixels)));
}
