/**
 * How a feature map lies in memory. NCHW is ONNX's own, with weights [K, C, kh, kw]. HWNC (space-major), with
 * weights [kh, kw, C, K], makes every spatial operation a product with a constant matrix from the left.
 */
export type Layout = 'NCHW' | 'HWNC';

/** Which axis of a feature map is which. */
export interface LayoutAxes {
  readonly batch: number;
  readonly channel: number;
  readonly height: number;
  readonly width: number;
}

export const layoutAxes: Readonly<Record<Layout, LayoutAxes>> = {
  NCHW: { batch: 0, channel: 1, height: 2, width: 3 },
  HWNC: { height: 0, width: 1, batch: 2, channel: 3 },
};

/** The sides of a feature map in a layout's order. */
export function mapDims<T>(layout: Layout, sides: Readonly<Record<keyof LayoutAxes, T>>): readonly T[] {
  const { batch, channel, height, width } = sides;
  return layout === 'NCHW' ? [batch, channel, height, width] : [height, width, batch, channel];
}

/** Axis orders between the two layouts: `toNchw` for a map in HWNC, and so on. */
export const permutations = {
  toNchw: [2, 3, 0, 1],
  toHwnc: [2, 3, 0, 1],
  weightsToOihw: [3, 2, 0, 1],
  weightsToHwio: [2, 3, 1, 0],
  /** Outputs before inputs; `exchangeChannels` goes from there to HWNC's order and back. */
  weightsToHwoi: [2, 3, 0, 1],
  exchangeChannels: [0, 1, 3, 2],
} as const;

export interface WeightSides<T> {
  readonly outputs: T;
  readonly inputs: T;
  readonly height: T;
  readonly width: T;
}

/** Reads the sides of a weight tensor that lies in the layout's order. */
export function weightSides<T>(layout: Layout, dims: readonly T[]): WeightSides<T> {
  const [outputs, inputs, height, width] =
    layout === 'NCHW' ? dims : permutations.weightsToOihw.map((axis) => dims[axis]);
  return { outputs: outputs, inputs: inputs, height: height, width: width };
}

/** The sides of a weight tensor in the layout's order; undoes `weightSides`. */
export function weightDims<T>(
  layout: Layout,
  { outputs, inputs, height, width }: WeightSides<T>,
): readonly T[] {
  return layout === 'NCHW' ? [outputs, inputs, height, width] : [height, width, inputs, outputs];
}
