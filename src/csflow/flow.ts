import {
  affineCoupling,
  flowGraph,
  permutation,
  type FlowNode,
  type InvertibleModule,
} from '../flow/index.js';
import { add, mapDims, type Dim, type Layout, type Node } from '../graph/index.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { mapSizeAt, scales, type FlowConfiguration } from './configuration.js';
import { crossConvolutions } from './cross-convolutions.js';
import { halvesOf } from './parameters.js';

/** Block k's permutations, one a scale: three draws of `permutation(C)` after `numpy.random.seed(k)`. */
export function blockPermutations(block: number, channels: number): readonly Int32Array[] {
  const random = new NumpyRandom(block);
  return Array.from({ length: scales }, () => random.permutation(channels));
}

/**
 * CS-Flow (WACV 2022, fig. 3) as a graph of invertible nodes: three inputs, in each block a permutation and a coupling
 * across the scales, three outputs.
 * @param parameter the node of each parameter of `parameterSpecs`, weights in the layout's order
 * @returns a module of three branches [N, C, H/2ˢ, W/2ˢ], in the given layout
 */
export function csFlow(
  configuration: FlowConfiguration,
  parameter: (name: string) => Node,
  layout: Layout = 'NCHW',
): InvertibleModule {
  const { channels, clamp, kernels } = configuration;
  const [firstChannels, secondChannels] = halvesOf(configuration);
  const nodes = kernels.flatMap((kernel, block): FlowNode[] => {
    const subnet = (name: string) => (inputs: readonly Node[]) =>
      crossConvolutions(
        inputs,
        (of) => parameter(`blocks.${block}.${name}.${of}`),
        kernel,
        configuration,
        layout,
      );
    const [subnet1, subnet2] = [subnet('s1'), subnet('s2')];
    return [
      {
        name: `permutation ${block}`,
        module: permutation(blockPermutations(block, channels), layout),
        inputs: valuesAfter(`block ${block - 1}`, block),
        outputs: valuesAfter(`permutation ${block}`),
      },
      {
        name: `coupling ${block}`,
        module: affineCoupling({ firstChannels, secondChannels, clamp, subnet1, subnet2, layout }),
        inputs: valuesAfter(`permutation ${block}`),
        outputs: valuesAfter(`block ${block}`),
      },
    ];
  });
  const inputs = valuesAfter('', 0).map((name, s) => {
    const [height, width] = mapSizeAt(configuration, s);
    return [name, mapDims<Dim>(layout, { batch: 'N', channel: channels, height, width })] as const;
  });
  return flowGraph({
    inputs: Object.fromEntries(inputs),
    nodes,
    outputs: valuesAfter(`block ${kernels.length - 1}`),
  });
}

/** The names of the three scales' values after a step; before the first block they are the inputs x0, x1, x2. */
function valuesAfter(step: string, block?: number): readonly string[] {
  return Array.from({ length: scales }, (_, s) => (block === 0 ? `x${s}` : `${step}, scale ${s}`));
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
