import { channelAffine } from '../act-norm.js';
import { additiveCoupling, affineCoupling, glowCoupling } from '../coupling-layers.js';
import { halvesOf, type CouplingSubnet } from '../coupling.js';
import { invertibleConvolution, luStart } from '../invertible-convolution.js';
import type { LogScaleOptions } from '../log-scale.js';
import { randomRotation } from '../lu-decomposition.js';
import { NumpyRandom } from '../../tensor/numpy-random.js';
import type { FlowLayer, LearnedValues } from './flow-layer.js';
import type { Subnet } from './subnets.js';

/** Makes a subnet from so many channels to so many. */
export type SubnetFactory = (inputs: number, outputs: number) => Subnet;

/** ActNorm with learned scale and shift; zeros until its data-dependent start. */
export function actNormLayer(channels: number): FlowLayer {
  const start = (): Float32Array => new Float32Array(channels);
  return {
    parameters: [
      { name: 'logScale', dims: [channels], start },
      { name: 'shift', dims: [channels], start },
    ],
    module({ parameter, actNormStart }) {
      const learned = channelAffine([{ logScale: parameter('logScale'), shift: parameter('shift') }]);
      if (actNormStart === undefined) return learned;
      return {
        ...learned,
        forward: ([x]) => channelAffine([actNormStart('', x)]).forward([x]),
      };
    },
  };
}

/** Invertible 1×1 convolution (a matrix for vectors) that starts as a drawn rotation. */
export function invertibleConvolutionLayer(channels: number, seed: number): FlowLayer {
  const start = luStart(randomRotation(channels, new NumpyRandom(seed)), channels);
  return {
    parameters: [
      { name: 'lower', dims: [channels, channels], start: () => start.lower },
      { name: 'upper', dims: [channels, channels], start: () => start.upper },
      { name: 'logDiagonal', dims: [channels], start: () => start.logDiagonal },
    ],
    module: ({ parameter }) =>
      invertibleConvolution(start, {
        lower: parameter('lower'),
        upper: parameter('upper'),
        logDiagonal: parameter('logDiagonal'),
      }),
  };
}

/** Subnets by name, each applied to the halves of every branch. */
function withSubnets(
  subnets: Readonly<Record<string, Subnet>>,
  build: (apply: (name: string) => CouplingSubnet) => ReturnType<FlowLayer['module']>,
): (values: LearnedValues) => ReturnType<FlowLayer['module']> {
  return ({ parameter }) =>
    build(
      (name) => (halves) => halves.map((x) => subnets[name].apply(x, (of) => parameter(`${name}.${of}`))),
    );
}

const parametersOf = (subnets: Readonly<Record<string, Subnet>>) =>
  Object.entries(subnets).flatMap(([name, { parameters }]) =>
    parameters.map((tensor) => ({ ...tensor, name: `${name}.${tensor.name}` })),
  );

export function additiveLayer(channels: number, subnet: SubnetFactory): FlowLayer {
  const [firstChannels, secondChannels] = halvesOf(channels);
  const subnets = {
    shift1: subnet(firstChannels, secondChannels),
    shift2: subnet(secondChannels, firstChannels),
  };
  return {
    parameters: parametersOf(subnets),
    module: withSubnets(subnets, (apply) =>
      additiveCoupling({ firstChannels, secondChannels, shift1: apply('shift1'), shift2: apply('shift2') }),
    ),
  };
}

export function affineLayer(channels: number, subnet: SubnetFactory, options: LogScaleOptions): FlowLayer {
  const [firstChannels, secondChannels] = halvesOf(channels);
  const subnets = {
    scale1: subnet(firstChannels, secondChannels),
    shift1: subnet(firstChannels, secondChannels),
    scale2: subnet(secondChannels, firstChannels),
    shift2: subnet(secondChannels, firstChannels),
  };
  return {
    parameters: parametersOf(subnets),
    module: withSubnets(subnets, (apply) =>
      affineCoupling({
        firstChannels,
        secondChannels,
        ...options,
        scale1: apply('scale1'),
        shift1: apply('shift1'),
        scale2: apply('scale2'),
        shift2: apply('shift2'),
      }),
    ),
  };
}

export function glowLayer(channels: number, subnet: SubnetFactory, options: LogScaleOptions): FlowLayer {
  const [firstChannels, secondChannels] = halvesOf(channels);
  const subnets = {
    subnet1: subnet(firstChannels, 2 * secondChannels),
    subnet2: subnet(secondChannels, 2 * firstChannels),
  };
  return {
    parameters: parametersOf(subnets),
    module: withSubnets(subnets, (apply) =>
      glowCoupling({
        firstChannels,
        secondChannels,
        ...options,
        subnet1: apply('subnet1'),
        subnet2: apply('subnet2'),
      }),
    ),
  };
}
