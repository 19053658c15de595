import type { Node } from '../../graph/index.js';
import type { ChannelAffine } from '../act-norm.js';
import type { NumpyRandom } from '../../tensor/numpy-random.js';
import { sequence, type InvertibleModule } from '../invertible.js';

/** A learned tensor and how its starting values are drawn. */
export interface LearnedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly start: (random: NumpyRandom) => Float32Array;
}

export interface LearnedValues {
  /** The node of a learned tensor. */
  readonly parameter: (name: string) => Node;
  /** Sees the input of each ActNorm in the forward direction, for its data-dependent start. */
  readonly actNormStart?: (name: string, x: Node) => ChannelAffine;
  /** Samples of the batch, where that must be known. */
  readonly batch?: number;
}

/** A module whose learned tensors are still to be given. */
export interface FlowLayer {
  readonly parameters: readonly LearnedTensor[];
  readonly module: (values: LearnedValues) => InvertibleModule;
}

/** A layer without learned tensors. */
export const fixedLayer = (module: InvertibleModule): FlowLayer => ({ parameters: [], module: () => module });

/** The names of a layer's tensors start with `prefix.`. */
export function prefixed(prefix: string, { parameters, module }: FlowLayer): FlowLayer {
  const full = (name: string): string => `${prefix}.${name}`;
  return {
    parameters: parameters.map((tensor) => ({ ...tensor, name: full(tensor.name) })),
    module: ({ parameter, actNormStart, batch }) =>
      module({
        batch,
        parameter: (name) => parameter(full(name)),
        actNormStart: actNormStart && ((name, x) => actNormStart(full(name), x)),
      }),
  };
}

/** Layers one after the other; the tensors of each are prefixed with its place. */
export function chain(layers: readonly FlowLayer[]): FlowLayer {
  const placed = layers.map((layer, i) => prefixed(String(i), layer));
  return {
    parameters: placed.flatMap(({ parameters }) => parameters),
    module: (values) => sequence(placed.map(({ module }) => module(values))),
  };
}
