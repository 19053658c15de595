import type { Node, NodeOf } from '../ops.js';
import { topologicalOrder, type Program } from '../program.js';
import {
  layerOf,
  planConvolution,
  rows,
  spots,
  type ConvolutionChooser,
  type ConvolutionLayer,
  type ConvolutionPlan,
} from './convolution-plan.js';
import type { LoweringOptions } from './lower.js';
import { simplify } from './simplify.js';
import type { Tile } from './tile-choice.js';

export type ConvolutionWay =
  | { readonly kind: 'direct' }
  | {
      readonly kind: 'winograd';
      /** Outputs that are computed together. */
      readonly tile: Tile;
      /** `positions` products of [rows, inputs] and [inputs, outputs]. */
      readonly products: {
        readonly positions: number;
        readonly rows: number;
        readonly inputs: number;
        readonly outputs: number;
      };
    };

/** One convolution and how it is computed; its two gradients are computed alike. */
export interface ConvolutionDescription {
  /** The program's input that holds the weights; undefined where they are constant or computed from several. */
  readonly weight?: string;
  readonly layer: ConvolutionLayer;
  readonly way: ConvolutionWay;
  /** Of one sample's forward pass, transforms left out. */
  readonly multiplications: number;
  /** What a direct convolution takes, zeros at the border included. */
  readonly directMultiplications: number;
}

function inputBehind(node: Node): string | undefined {
  if (node.op === 'Input') return node.attributes.name;
  return node.inputs.length === 1 ? inputBehind(node.inputs[0]) : undefined;
}

function wayOf(plan: ConvolutionPlan): ConvolutionWay {
  switch (plan.kind) {
    case 'direct':
      return plan;
    case 'winograd': {
      const { kind, tile, inputs, outputs } = plan;
      return { kind, tile, products: { positions: spots(plan), rows: rows(plan), inputs, outputs } };
    }
  }
}

function describe(node: NodeOf<'Conv'> & Node, chooser: ConvolutionChooser): ConvolutionDescription {
  const layer = layerOf(node);
  const { down, across, inputs, outputs } = layer;
  const plan = planConvolution(layer, chooser);
  const weight = inputBehind(node.inputs[1]);
  const directMultiplications =
    down.outputLength * across.outputLength * down.taps * across.taps * inputs * outputs;
  const multiplications =
    plan.kind === 'direct'
      ? directMultiplications
      : (spots(plan) * rows(plan) * inputs * outputs) / plan.batch;
  return {
    ...(weight !== undefined && { weight }),
    layer,
    way: wayOf(plan),
    multiplications,
    directMultiplications,
  };
}

/**
 * What `lower` makes of each convolution of a program, by the same plans.
 * @throws TypeError where height or width of a convolution's map is no number
 */
export function describeConvolutions(
  program: Program,
  { convolution = 'winograd' }: Pick<LoweringOptions, 'convolution'> = {},
): readonly ConvolutionDescription[] {
  return topologicalOrder(Object.values(simplify(program))).flatMap((node) =>
    node.op === 'Conv' ? [describe(node, convolution)] : [],
  );
}
