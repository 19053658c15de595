import { UsageError } from '../errors.js';

/** Number of scales: the image at full, half and quarter size. */
export const scales = 3;
export const allScales: readonly number[] = [0, 1, 2];

/** The shape of a CS-Flow (WACV 2022, §3). */
export interface FlowConfiguration {
  /** Channels of the feature maps, the same at each scale. */
  readonly channels: number;
  /** Height and width of the map at scale 0; multiples of 4. */
  readonly mapSize: readonly [height: number, width: number];
  /** Hidden channels of the cross-convolutions. */
  readonly hidden: number;
  /** Kernel side of each coupling block; as many blocks as entries. */
  readonly kernels: readonly number[];
  /** Bound of the log-scale; 0 leaves it free. */
  readonly clamp: number;
  /** Whether each subnet output has its learned factor, which starts at 0. */
  readonly gamma: boolean;
  /** Which scales the flow reads; default all three. */
  readonly usedScales?: readonly number[];
  /**
   * How the scales work together: `full`, the default, as published; `none`, a flow of its own for each scale, the
   * losses added; `concat`, one flow on the maps enlarged to scale 0 and joined over channels.
   */
  readonly cross?: CrossScale;
}

export const crossScaleKinds = ['full', 'none', 'concat'] as const;
export type CrossScale = (typeof crossScaleKinds)[number];

/** One map that the flow transforms. */
export interface Branch {
  /** The scale whose size it has. */
  readonly scale: number;
  readonly channels: number;
}

/** The maps that the flow transforms: one of each used scale, or all in one. */
export function branchesOf({
  channels,
  usedScales = allScales,
  cross,
}: FlowConfiguration): readonly Branch[] {
  if (cross === 'concat') return [{ scale: usedScales[0], channels: channels * usedScales.length }];
  return usedScales.map((scale) => ({ scale, channels }));
}

const wholeAndPositive = (value: number): boolean => Number.isInteger(value) && value > 0;

/** Wider kernels than this see past the border of most maps, and their programs take minutes to build. */
const largestKernel = 11;

/** Throws a `UsageError` that names the first setting out of bounds. */
export function checkConfiguration(configuration: FlowConfiguration): void {
  const { channels, mapSize, hidden, kernels, clamp } = configuration;
  const demand = (holds: boolean, name: string, expected: string, came: unknown): void => {
    if (!holds) throw new UsageError(`${name}: expected ${expected}, got ${String(came)}`);
  };
  demand(wholeAndPositive(channels) && channels >= 2, 'channels', 'a whole number from 2', channels);
  demand(wholeAndPositive(hidden), 'hidden', 'a whole number from 1', hidden);
  demand(
    mapSize.every((side) => wholeAndPositive(side) && side % 4 === 0),
    'mapSize',
    'two multiples of 4 (image sides are multiples of 128)',
    mapSize.join('×'),
  );
  demand(kernels.length > 0, 'kernels', 'at least one coupling block', 'none');
  demand(
    kernels.every((k) => wholeAndPositive(k) && k % 2 === 1 && k <= largestKernel),
    'kernels',
    `odd kernel sides up to ${largestKernel}`,
    kernels.join(),
  );
  const used = configuration.usedScales ?? allScales;
  demand(
    used.length > 0 && used.every((s, i) => allScales.includes(s) && (i === 0 || s > used[i - 1])),
    'scales',
    'some of 0, 1, 2 in this order',
    used.join(),
  );
  demand(
    used.length > 1 || (configuration.cross ?? 'full') === 'full',
    'cross',
    'full where only one scale is used',
    configuration.cross,
  );
  demand(Number.isFinite(clamp) && clamp >= 0, 'clamp', 'a number from 0', clamp);
}

/** Height and width of the map at a scale. */
export function mapSizeAt({ mapSize }: FlowConfiguration, scale: number): readonly [number, number] {
  return [mapSize[0] / 2 ** scale, mapSize[1] / 2 ** scale];
}

/** Latent values of one sample in one branch. */
export function branchDimensions(configuration: FlowConfiguration, { scale, channels }: Branch): number {
  const [height, width] = mapSizeAt(configuration, scale);
  return channels * height * width;
}

/** D: latent values of one sample, over all branches. */
export function latentDimensions(configuration: FlowConfiguration): number {
  return branchesOf(configuration).reduce((sum, branch) => sum + branchDimensions(configuration, branch), 0);
}
