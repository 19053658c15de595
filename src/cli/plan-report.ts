import type { ConvolutionDescription, ConvolutionLayer, ConvolutionWay } from '../graph/index.js';
import type { ConvolutionPlans } from '../training/index.js';
import { table } from './output.js';

const sides = (down: number, across: number): string => `${down}×${across}`;

/** A stride is one number where it is the same both ways, as in CS-Flow. */
const strideOf = ({ down, across }: ConvolutionLayer): string =>
  down.stride === across.stride ? String(down.stride) : sides(down.stride, across.stride);

/** A tile of one output has no transform: each tap is a product of its own. */
function wayText(way: ConvolutionWay, { down, across }: ConvolutionLayer): string {
  switch (way.kind) {
    case 'direct':
      return 'direct';
    case 'kn2row':
      return down.upsampling === undefined ? 'kn2row' : 'kn2row before upsampling';
    case 'winograd': {
      const [m, n] = way.tile;
      if (m * n === 1) return down.taps * across.taps === 1 ? 'one product' : 'a product for each tap';
      const phases = Math.max(down.stride, across.stride) > 1 ? ' by phases' : '';
      return `Winograd F(${sides(m, n)}, ${sides(down.taps, across.taps)})${phases}`;
    }
  }
}

function productsText(way: ConvolutionWay): string {
  if (way.kind === 'direct') return '';
  const { positions, rows, inputs, outputs } = way.products;
  return `${positions} of [${rows}, ${inputs}] · [${inputs}, ${outputs}]`;
}

/** How many times fewer multiplications than a direct convolution. */
const savingOf = (all: readonly ConvolutionDescription[]): number =>
  all.reduce((sum, { directMultiplications }) => sum + directMultiplications, 0) /
  all.reduce((sum, { multiplications }) => sum + multiplications, 0);

/** Elements of which `key` gives the same, together. */
function groupBy<T>(all: readonly T[], key: (each: T) => unknown): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const text = JSON.stringify(key(each));
    groups.set(text, [...(groups.get(text) ?? []), each]);
  }
  return [...groups.values()];
}

/** Sides of a map before it was upsampled; undefined where it was not. */
function upsampledFrom({ down, across }: ConvolutionLayer): readonly [number, number] | undefined {
  if (down.upsampling === undefined || across.upsampling === undefined) return undefined;
  return [down.upsampling.columns, across.upsampling.columns];
}

function mapText(layer: ConvolutionLayer): string {
  const map = sides(layer.down.length, layer.across.length);
  const from = upsampledFrom(layer);
  return from === undefined ? map : `${sides(...from)} → ${map}`;
}

/** Convolutions that differ in nothing but their weights are shown as one; how they were upsampled is not shown. */
function withoutName(each: ConvolutionDescription) {
  const { down, across } = each.layer;
  const layer = {
    ...each.layer,
    down: { ...down, upsampling: undefined },
    across: { ...across, upsampling: undefined },
  };
  return { ...each, layer, from: upsampledFrom(each.layer), weight: undefined };
}

const layerName = ({ weight }: ConvolutionDescription): string => weight?.replace(/\.weight$/, '') ?? '–';

function groupRow(group: readonly ConvolutionDescription[]): readonly string[] {
  const [{ layer, way }] = group;
  const { down, across, inputs, outputs } = layer;
  return [
    String(group.length),
    layerName(group[0]),
    mapText(layer),
    `${inputs} → ${outputs}`,
    sides(down.taps, across.taps),
    strideOf(layer),
    wayText(way, layer),
    savingOf(group).toFixed(2),
    productsText(way),
  ];
}

const heading = [
  'layers',
  'the first',
  'map',
  'channels',
  'kernel',
  'stride',
  'computed as',
  'saves',
  'products',
];

function planText(plans: readonly ConvolutionPlans[]): string {
  const [{ convolutions }] = plans;
  const programs = plans.map(({ program, batch }) => `${program}, batch ${batch}`).join('; ');
  if (convolutions.every(({ way }) => way.kind === 'direct')) {
    return `${programs}: ${convolutions.length} convolutions, all of them direct`;
  }
  const head = `${programs}: ${convolutions.length} convolutions, ${savingOf(convolutions).toFixed(2)} times fewer multiplications than direct`;
  return `${head}\n${table([heading, ...groupBy(convolutions, withoutName).map(groupRow)])}`;
}

/** The report for people; programs with the same plan stand together. */
export function plansText(plans: readonly ConvolutionPlans[]): string {
  const foot =
    'Gradients are computed as their convolution is. "saves" is how many times fewer multiplications\n' +
    'than direct, transforms left out. A model file takes any batch, and computes all its convolutions directly.';
  return [...groupBy(plans, ({ convolutions }) => convolutions).map(planText), foot].join('\n\n');
}

function groupJson(group: readonly ConvolutionDescription[]) {
  const [{ layer, way, multiplications, directMultiplications }] = group;
  const { down, across, inputs, outputs, layout } = layer;
  return {
    layers: group.map(layerName),
    map: [down.length, across.length],
    ...(upsampledFrom(layer) && { upsampled_from: upsampledFrom(layer) }),
    inputs,
    outputs,
    kernel: [down.taps, across.taps],
    stride: [down.stride, across.stride],
    layout,
    choice: way.kind,
    ...(way.kind === 'winograd' && { tile: way.tile }),
    ...(way.kind !== 'direct' && { products: way.products }),
    multiplications_a_sample: multiplications,
    direct_multiplications_a_sample: directMultiplications,
  };
}

/** The report for machines. */
export function plansJson(plans: readonly ConvolutionPlans[]) {
  return {
    plans: plans.map(({ program, batch, convolutions }) => ({
      program,
      batch,
      convolutions: groupBy(convolutions, withoutName).map(groupJson),
    })),
  };
}
