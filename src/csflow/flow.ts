import { affineCoupling, permutation, sequence, type InvertibleModule } from '../flow/index.js';
import { add, type Layout, type Node } from '../graph/index.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { scales, type FlowConfiguration } from './configuration.js';
import { crossConvolutions } from './cross-convolutions.js';
import { halvesOf } from './parameters.js';

/** Block k's permutations, one a scale: three draws of `permutation(C)` after `numpy.random.seed(k)`. */
export function blockPermutations(block: number, channels: number): readonly Int32Array[] {
  const random = new NumpyRandom(block);
  return Array.from({ length: scales }, () => random.permutation(channels));
}

/**
 * CS-Flow as one invertible module of three branches [N, C, H/2ˢ, W/2ˢ].
 * @param parameter the node of each parameter of `parameterSpecs`, weights in the layout's order
 */
export function csFlow(
  configuration: FlowConfiguration,
  parameter: (name: string) => Node,
  layout: Layout = 'NCHW',
): InvertibleModule {
  const [firstChannels, secondChannels] = halvesOf(configuration);
  return sequence(
    configuration.kernels.flatMap((kernel, block) => {
      const subnet = (name: string) => (inputs: readonly Node[]) =>
        crossConvolutions(
          inputs,
          (of) => parameter(`blocks.${block}.${name}.${of}`),
          kernel,
          configuration,
          layout,
        );
      return [
        permutation(blockPermutations(block, configuration.channels), layout),
        affineCoupling({
          firstChannels,
          secondChannels,
          clamp: configuration.clamp,
          subnet1: subnet('s1'),
          subnet2: subnet('s2'),
          layout,
        }),
      ];
    }),
  );
}

export interface Latents {
  /** z of each scale. */
  readonly z: readonly Node[];
  /** log |det J| of each scale, [N]. */
  readonly logDets: readonly Node[];
}

/** The flow applied to the feature maps. */
export function toLatents(flow: InvertibleModule, features: readonly Node[]): Latents {
  const { outputs, logDets } = flow.forward(features);
  return {
    z: outputs,
    logDets: logDets.map((logDet) => {
      if (logDet === undefined)
        throw new TypeError('CS-Flow: every scale passes a coupling and has a log-det');
      return logDet;
    }),
  };
}

export const total = (parts: readonly Node[]): Node => parts.reduce((sum, part) => add(sum, part));
