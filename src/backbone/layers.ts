import { clip, constant, conv, mul, reduceSum, scale, sigmoid, type Node } from '../graph/index.js';
import { floatsOf, type Safetensors } from '../tensor/safetensors.js';

export type Layer = (x: Node) => Node;

const batchNormEpsilon = 1e-3;

/** TensorFlow's SAME padding of an axis of `size`: what is odd goes to the far side. */
function samePadding(kernel: number, stride: number, size: number): readonly [before: number, after: number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

interface ConvWeights {
  readonly w: Node;
  readonly b: Node;
  readonly kernel: number;
}

/** Names of a backbone's weights in a model file begin so. */
export const backbonePrefix = 'backbone.';

function convWeights(name: string, dims: readonly number[], w: Float32Array, b: Float32Array): ConvWeights {
  return {
    w: constant({ dtype: 'float32', dims, data: w }, `${backbonePrefix}${name}.weight`),
    b: constant({ dtype: 'float32', dims: [b.length], data: b }, `${backbonePrefix}${name}.bias`),
    kernel: dims[2],
  };
}

/**
 * A convolution with its batch normalisation folded in: w·γ/√(σ²+ε) and β − μ·γ/√(σ²+ε). The weights of a model file
 * have that behind them: a bias, and no normalisation.
 */
function foldedConv(weights: Safetensors, convName: string, normName: string): ConvWeights {
  const { dims, data } = floatsOf(weights, `${convName}.weight`);
  if (weights.tensors.has(`${convName}.bias`))
    return convWeights(convName, dims, data, floatsOf(weights, `${convName}.bias`).data);
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
  return convWeights(convName, dims, folded, bias);
}

export interface ConvPlace {
  readonly stride: number;
  /** Side of the input at the net's own resolution. */
  readonly size: number;
  readonly groups?: number;
}

/** A convolution and its batch normalisation, padded as the net was at its own resolution, whatever the input. */
export function normalisedConv(
  weights: Safetensors,
  convName: string,
  normName: string,
  { stride, size, groups = 1 }: ConvPlace,
): Layer {
  const { w, b, kernel } = foldedConv(weights, convName, normName);
  const [before, after] = samePadding(kernel, stride, size);
  const pads = [before, before, after, after] as const;
  return (x) => conv(x, w, b, { strides: [stride, stride], pads, groups, layout: 'NCHW' });
}

/** A 1×1 convolution with a bias of its own. */
function pointwise(weights: Safetensors, name: string): Layer {
  const { dims, data } = floatsOf(weights, `${name}.weight`);
  const { w, b } = convWeights(name, dims, data, floatsOf(weights, `${name}.bias`).data);
  return (x) => conv(x, w, b, { strides: [1, 1], pads: [0, 0, 0, 0], groups: 1, layout: 'NCHW' });
}

/** The mean over a map [N, C, H, W] as [N, C, 1, 1], axis by axis: in WebAssembly that is more exact than both at once. */
function globalMean(x: Node): Node {
  const values = Number(x.type.dims[2]) * Number(x.type.dims[3]);
  return scale(reduceSum(reduceSum(x, [3], true), [2], true), 1 / values);
}

/** Each channel times a factor in (0, 1) computed from all channels' means. */
export function squeezeAndExcite(weights: Safetensors, block: string): Layer {
  const reduce = pointwise(weights, `${block}._se_reduce`);
  const restore = pointwise(weights, `${block}._se_expand`);
  return (x) => mul(x, sigmoid(restore(swish(reduce(globalMean(x))))));
}

export const swish: Layer = (x) => mul(x, sigmoid(x));
export const relu6: Layer = (x) => clip(x, 0, 6);
