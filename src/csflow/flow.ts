import {
  flowGraph,
  glowCoupling,
  halvesOf,
  permutation,
  type FlowNode,
  type InvertibleModule,
} from '../flow/index.js';
import {
  layoutAxes,
  mapDims,
  permutations,
  transpose,
  type Dim,
  type Layout,
  type Node,
} from '../graph/index.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { branchesOf, mapSizeAt, scales, type Branch, type FlowConfiguration } from './configuration.js';
import { crossConvolutions } from './cross-convolutions.js';

/** Values are cut to ± this after a block, which keeps a diverging training finite. */
const outputBound = 1e6;

/** Block k's permutations, one a scale: three draws of `permutation(C)` after `numpy.random.seed(k)`. */
function blockPermutations(block: number, channels: number): readonly Int32Array[] {
  const random = new NumpyRandom(block);
  return Array.from({ length: scales }, () => random.permutation(channels));
}

/**
 * CS-Flow (WACV 2022, fig. 3) as a graph of invertible nodes: three inputs, in each block a permutation and a coupling
 * across the scales, three outputs.
 * @param parameter the node of each parameter of `parameterSpecs`, weights in the layout's order
 * @param positionShares of each branch, one channel in the layout: how much positions count in the log-dets; default: fully
 * @returns a module of three branches [N, C, H/2ˢ, W/2ˢ], in the given layout
 */
export function csFlow(
  configuration: FlowConfiguration,
  parameter: (name: string) => Node,
  layout: Layout = 'NCHW',
  positionShares?: readonly Node[],
): InvertibleModule {
  const { clamp, kernels } = configuration;
  const branches = branchesOf(configuration);
  const valuesAfter = (step: string): readonly string[] =>
    branches.map(({ scale }) => `${step}, scale ${scale}`);
  const [firstChannels, secondChannels] = halvesOf(branches[0].channels);
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
        module: permutation(branchPermutations(block, branches), layout),
        inputs: valuesAfter(block === 0 ? 'input' : `block ${block - 1}`),
        outputs: valuesAfter(`permutation ${block}`),
      },
      {
        name: `coupling ${block}`,
        module: glowCoupling({
          firstChannels,
          secondChannels,
          clamp,
          bound: outputBound,
          subnet1,
          subnet2,
          layout,
          positionShares,
        }),
        inputs: valuesAfter(`permutation ${block}`),
        outputs: valuesAfter(`block ${block}`),
      },
    ];
  });
  const batch = positionShares?.[0].type.dims[layoutAxes[layout].batch] ?? 'N';
  const inputs = valuesAfter('input').map((name, i) => {
    const { scale, channels } = branches[i];
    const [height, width] = mapSizeAt(configuration, scale);
    return [name, mapDims<Dim>(layout, { batch, channel: channels, height, width })] as const;
  });
  return flowGraph({
    inputs: Object.fromEntries(inputs),
    nodes,
    outputs: valuesAfter(`block ${kernels.length - 1}`),
  });
}

/** A branch keeps its scale's draw whichever others are used. */
function branchPermutations(block: number, branches: readonly Branch[]): readonly Int32Array[] {
  return branches.map(({ scale, channels }) => blockPermutations(block, channels)[scale]);
}

export interface Latents {
  /** z of each scale. */
  readonly z: readonly Node[];
  /** log |det J| of each scale, [N]. */
  readonly logDets: readonly Node[];
}

export function demandLogDet(logDet: Node | undefined): Node {
  if (logDet === undefined) throw new TypeError('CS-Flow: every scale passes a coupling and has a log-det');
  return logDet;
}

/**
 * The flow applied to the feature maps.
 * @param features [N, C, H/2ˢ, W/2ˢ], which are turned into the layout that the flow has; z stays in it
 */
export function toLatents(
  flow: InvertibleModule,
  features: readonly Node[],
  layout: Layout = 'NCHW',
): Latents {
  const inside = layout === 'NCHW' ? features : features.map((x) => transpose(x, permutations.toHwnc));
  const { outputs, logDets } = flow.forward(inside);
  return {
    z: outputs,
    logDets: logDets.map(demandLogDet),
  };
}
