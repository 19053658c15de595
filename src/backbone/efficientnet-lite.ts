import { add, clip, constant, conv, type Node } from '../graph/index.js';
import { floatsOf, type Safetensors } from '../tensor/safetensors.js';
import { baselineBlocks, type MobileBlock } from './mobile-blocks.js';

const batchNormEpsilon = 1e-3;
/** The resolution the net was trained at; TensorFlow's SAME padding of each layer is fixed by it. */
const nominalResolution = 224;

export const liteBlocks = baselineBlocks();

/** TensorFlow's SAME padding of an axis of `size`: what is odd goes to the far side. */
function samePadding(kernel: number, stride: number, size: number): readonly [before: number, after: number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** A convolution with its batch normalisation folded in: w·γ/√(σ²+ε) and β − μ·γ/√(σ²+ε). */
function foldedConv(
  weights: Safetensors,
  convName: string,
  normName: string,
): { readonly w: Node; readonly b: Node; readonly kernel: number } {
  const { dims, data } = floatsOf(weights, `${convName}.weight`);
  const norm = (part: string): Float32Array => floatsOf(weights, `${normName}.${part}`).data;
  const [gamma, beta, mean, variance] = [
    norm('weight'),
    norm('bias'),
    norm('running_mean'),
    norm('running_var'),
  ];
  const outputs = dims[0];
  const perOutput = data.length / outputs;
  const folded = new Float32Array(data.length);
  const bias = new Float32Array(outputs);
  for (let k = 0; k < outputs; k++) {
    const factor = gamma[k] / Math.sqrt(variance[k] + batchNormEpsilon);
    for (let i = k * perOutput; i < (k + 1) * perOutput; i++) folded[i] = data[i] * factor;
    bias[k] = beta[k] - mean[k] * factor;
  }
  return {
    w: constant({ dtype: 'float32', dims, data: folded }),
    b: constant({ dtype: 'float32', dims: [outputs], data: bias }),
    kernel: dims[2],
  };
}

type Layer = (x: Node) => Node;

function layer(
  weights: Safetensors,
  name: string,
  norm: string,
  stride: number,
  size: number,
  groups = 1,
): Layer {
  const { w, b, kernel } = foldedConv(weights, name, norm);
  const [before, after] = samePadding(kernel, stride, size);
  const pads = [before, before, after, after] as const;
  return (x) => conv(x, w, b, { strides: [stride, stride], pads, groups, layout: 'NCHW' });
}

const relu6 = (x: Node): Node => clip(x, 0, 6);

function mobileBlock(weights: Safetensors, index: number, block: MobileBlock, size: number): Layer {
  const { stride, expansion, inputChannels, outputChannels } = block;
  const name = `_blocks.${index}`;
  const expand = expansion > 1 ? layer(weights, `${name}._expand_conv`, `${name}._bn0`, 1, size) : undefined;
  const depthwise = layer(
    weights,
    `${name}._depthwise_conv`,
    `${name}._bn1`,
    stride,
    size,
    inputChannels * expansion,
  );
  const project = layer(weights, `${name}._project_conv`, `${name}._bn2`, 1, Math.ceil(size / stride));
  const skips = stride === 1 && inputChannels === outputChannels;
  return (x) => {
    const wide = expand === undefined ? x : relu6(expand(x));
    const narrow = project(relu6(depthwise(wide)));
    return skips ? add(narrow, x) : narrow;
  };
}

/**
 * EfficientNet-Lite0 up to and with block `lastBlock` (counted from 0), as a function from normalised pixels
 * [N, 3, H, W] to features; its weights are made into constants once and shared by every use.
 */
export function efficientNetLite0(weights: Safetensors, lastBlock: number): Layer {
  let size = nominalResolution;
  const stem = layer(weights, '_conv_stem', '_bn0', 2, size);
  size = Math.ceil(size / 2);
  const blocks = liteBlocks.slice(0, lastBlock + 1).map((block, i) => {
    const built = mobileBlock(weights, i, block, size);
    size = Math.ceil(size / block.stride);
    return built;
  });
  return (pixels) => blocks.reduce((x, block) => block(x), relu6(stem(pixels)));
}
