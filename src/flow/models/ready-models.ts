import type { LogScaleOptions } from '../log-scale.js';
import { permutation } from '../permutation.js';
import { fixedLayer, type FlowLayer } from './flow-layer.js';
import { pictureModel, vectorModel, type FlowModel } from './flow-model.js';
import { actNormLayer, additiveLayer, affineLayer, glowLayer, invertibleConvolutionLayer } from './layers.js';
import { convolutionSubnet, denseSubnet } from './subnets.js';

/** [C] for vectors, or [C, H, W] for pictures. */
export type SampleDims = readonly [number] | readonly [number, number, number];

export interface ModelOptions {
  /** Steps of the flow; in pictures, of each level. Default 4. */
  readonly steps?: number;
  /** Hidden values or channels of the subnets; default 64. */
  readonly hidden?: number;
  /** Levels of a picture model; each halves height and width. */
  readonly levels?: number;
}

/** Of models whose couplings have a factor. */
export interface AffineModelOptions extends ModelOptions, Partial<LogScaleOptions> {}

/** @throws RangeError naming the option */
function demandWhole(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name}: expected a whole number from 1, got ${value}`);
    }
  }
}

function build(
  sampleDims: SampleDims,
  { steps: count = 4, hidden = 64, levels = 2 }: ModelOptions,
  steps: (channels: number, subnet: ReturnType<typeof denseSubnet>, level: number) => readonly FlowLayer[],
): FlowModel {
  demandWhole({ steps: count, hidden, levels });
  if (sampleDims.length === 1) {
    const [channels] = sampleDims;
    if (channels < 2) throw new RangeError(`vector: expected 2 or more values to couple, got ${channels}`);
    return vectorModel(channels, steps(channels, denseSubnet(hidden), 0));
  }
  return pictureModel(sampleDims, levels, (channels, level) =>
    steps(channels, convolutionSubnet(hidden), level),
  );
}

const repeated = (steps: number, step: (i: number) => readonly FlowLayer[]): readonly FlowLayer[] =>
  Array.from({ length: steps }, (_, i) => step(i)).flat();

/** The factor log-scales are bound by where nothing else is said, as in RealNVP-like models of the field. */
const defaultClamp = 2;

/**
 * NICE (Dinh et al., 2015): additive couplings, then one learned scale and shift a channel. Pictures have one level
 * unless told otherwise.
 */
export function nice(sampleDims: SampleDims, options: ModelOptions = {}): FlowModel {
  const { steps = 4, levels = 1 } = options;
  return build(sampleDims, { ...options, levels }, (channels, subnet) => [
    ...repeated(steps, () => [additiveLayer(channels, subnet)]),
    actNormLayer(channels),
  ]);
}

/** RealNVP (Dinh et al., 2017): affine couplings with subnets of their own for scale and shift, channels reversed after each. */
export function realNvp(sampleDims: SampleDims, options: AffineModelOptions = {}): FlowModel {
  const { steps = 4, clamp = defaultClamp, clampKind } = options;
  return build(sampleDims, options, (channels, subnet) => {
    const reversed = Array.from({ length: channels }, (_, i) => channels - 1 - i);
    return repeated(steps, () => [
      affineLayer(channels, subnet, { clamp, clampKind }),
      fixedLayer(permutation([reversed])),
    ]);
  });
}

/** Glow (Kingma & Dhariwal, 2018): ActNorm, an invertible 1×1 convolution and a coupling a step. */
export function glow(sampleDims: SampleDims, options: AffineModelOptions = {}): FlowModel {
  const { steps = 4, clamp = defaultClamp, clampKind } = options;
  return build(sampleDims, options, (channels, subnet, level) =>
    repeated(steps, (i) => [
      actNormLayer(channels),
      invertibleConvolutionLayer(channels, level * steps + i),
      glowLayer(channels, subnet, { clamp, clampKind }),
    ]),
  );
}
