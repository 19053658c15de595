import type { Node, NodeOf } from '../ops.js';
import { topologicalOrder, type Program } from '../program.js';
import {
  layerOf,
  planConvolution,
  type ConvolutionChooser,
  type ConvolutionLayer,
  type ConvolutionPlan,
} from './convolution-plan.js';
import type { LoweringOptions } from './lower.js';
import { simplify } from './simplify.js';
import type { Tile } from './convolution-cost.js';
import { rows, spots } from './tiles.js';

export type ConvolutionWay =
  | { readonly kind: 'direct' }
  | { readonly kind: 'kn2row'; readonly products: ConvolutionProducts }
  | {
      readonly kind: 'winograd';
      /** Outputs that are computed together. */
      readonly tile: Tile;
      readonly products: ConvolutionProducts;
    };

/** `positions` products of [rows, inputs] and [inputs, outputs]. */
export interface ConvolutionProducts {
  readonly positions: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** One convolution and how it is computed; its two gradients are computed alike in CS-Flow. */
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

function productsOf(plan: Exclude<ConvolutionPlan, { kind: 'direct' }>): ConvolutionProducts {
  const { inputs, outputs } = plan;
  return { positions: spots(plan), rows: rows(plan), inputs, outputs };
}

function wayOf(plan: ConvolutionPlan): ConvolutionWay {
  switch (plan.kind) {
    case 'direct':
      return plan;
    case 'kn2row':
      return { kind: plan.kind, products: productsOf(plan) };
    case 'winograd':
      return { kind: plan.kind, tile: plan.tile, products: productsOf(plan) };
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
  { convolution = 'cheapest' }: Pick<LoweringOptions, 'convolution'> = {},
): readonly ConvolutionDescription[] {
  return topologicalOrder(Object.values(simplify(program))).flatMap((node) =>
    node.op === 'Conv' ? [describe(node, convolution)] : [],
  );
}
