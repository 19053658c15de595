import { constant, mul, spatialMap, type Matrix, type Node } from '../graph/index.js';
import { floatTensor } from '../tensor/tensor.js';
import { linearInterpolation } from './interpolation.js';

/** The region of interest of whole pictures: what lies outside is left out of score and map. */
export interface CountedRegion {
  /** Of each scale [H/2ˢ · W/2ˢ], the share of each position that lies inside. */
  readonly shares: readonly Float32Array[];
  /** Of each pixel of the anomaly map, whether it is inside: 1 or 0. */
  readonly inside: Uint8Array;
}

type Size = readonly [height: number, width: number];

/**
 * A map [N, h, w] enlarged to [N, height, width], bilinear. With a region it is 0 outside, and what is outside does not
 * shine into it: a pixel's value is the mean of the positions around, each by its bilinear weight times its share inside.
 * @param shares of the map's positions
 */
export function enlarge(
  map: Node,
  from: Size,
  to: Size,
  region?: { readonly shares: Float32Array; readonly inside: Uint8Array },
): Node {
  const [rows, columns] = [linearInterpolation(from[0], to[0]), linearInterpolation(from[1], to[1])];
  if (region === undefined) return spatialMap(map, 1, rows, columns);
  const counted = mul(map, constant(floatTensor([1, ...from], region.shares)));
  const factors = enlargedValues(region.shares, rows, columns).map((share, pixel) =>
    region.inside[pixel] === 0 || share === 0 ? 0 : 1 / share,
  );
  return mul(spatialMap(counted, 1, rows, columns), constant(floatTensor([1, ...to], factors)));
}

/** rows · values · columnsᵀ. */
function enlargedValues(values: Float32Array, rows: Matrix, columns: Matrix): Float32Array {
  const [height, width] = [rows.columns, columns.columns];
  const wide = new Float64Array(height * columns.rows);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns.rows; x++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += columns.values[x * width + k] * values[y * width + k];
      wide[y * columns.rows + x] = sum;
    }
  }
  const result = new Float32Array(rows.rows * columns.rows);
  for (let y = 0; y < rows.rows; y++) {
    for (let x = 0; x < columns.rows; x++) {
      let sum = 0;
      for (let k = 0; k < height; k++) sum += rows.values[y * height + k] * wide[k * columns.rows + x];
      result[y * columns.rows + x] = sum;
    }
  }
  return result;
}
