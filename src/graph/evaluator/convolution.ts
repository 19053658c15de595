import type { ConvGeometry } from '../ops.js';
import { count, type Float64Tensor } from './array.js';

type Visit = (xIndex: number, wIndex: number, yIndex: number) => void;

/** Calls `visit` with the flat indices of every product x·w that a convolution adds to y. */
function visitProducts(
  xDims: readonly number[],
  wDims: readonly number[],
  yDims: readonly number[],
  { strides, pads, groups }: ConvGeometry,
  visit: Visit,
): void {
  const [n, c, h, w] = xDims as [number, number, number, number];
  const [k, cPerGroup, kh, kw] = wDims as [number, number, number, number];
  const [, , oh, ow] = yDims as [number, number, number, number];
  const kPerGroup = k / groups;
  for (let i = 0; i < n; i++)
    for (let out = 0; out < k; out++)
      for (let cg = 0; cg < cPerGroup; cg++) {
        const channel = Math.floor(out / kPerGroup) * cPerGroup + cg;
        for (let y = 0; y < oh; y++)
          for (let x = 0; x < ow; x++)
            for (let u = 0; u < kh; u++) {
              const row = y * strides[0] + u - pads[0];
              if (row < 0 || row >= h) continue;
              for (let v = 0; v < kw; v++) {
                const column = x * strides[1] + v - pads[1];
                if (column < 0 || column >= w) continue;
                visit(
                  ((i * c + channel) * h + row) * w + column,
                  ((out * cPerGroup + cg) * kh + u) * kw + v,
                  ((i * k + out) * oh + y) * ow + x,
                );
              }
            }
      }
}

/** Convolution by its definition: x [N, C, H, W], w [K, C/groups, kh, kw], bias [K]; y has `yDims`. */
export function convolve(
  x: Float64Tensor,
  w: Float64Tensor,
  bias: Float64Tensor | undefined,
  yDims: readonly number[],
  geometry: ConvGeometry,
): Float64Tensor {
  const data = new Float64Array(count(yDims));
  if (bias !== undefined) {
    const area = yDims[2] * yDims[3];
    for (let i = 0; i < data.length; i++) data[i] = bias.data[Math.floor(i / area) % yDims[1]]!;
  }
  visitProducts(x.dims, w.dims, yDims, geometry, (xi, wi, yi) => (data[yi] += x.data[xi] * w.data[wi]));
  return { dims: yDims, data };
}

/** d loss / d x from dy [N, K, H', W'] and w; the result has `xDims`. */
export function convolveInputGradient(
  dy: Float64Tensor,
  w: Float64Tensor,
  xDims: readonly number[],
  geometry: ConvGeometry,
): Float64Tensor {
  const data = new Float64Array(count(xDims));
  visitProducts(xDims, w.dims, dy.dims, geometry, (xi, wi, yi) => (data[xi] += dy.data[yi] * w.data[wi]));
  return { dims: xDims, data };
}

/** d loss / d w from x and dy; the result has `wDims`. */
export function convolveWeightGradient(
  x: Float64Tensor,
  dy: Float64Tensor,
  wDims: readonly number[],
  geometry: ConvGeometry,
): Float64Tensor {
  const data = new Float64Array(count(wDims));
  visitProducts(x.dims, wDims, dy.dims, geometry, (xi, wi, yi) => (data[wi] += x.data[xi] * dy.data[yi]));
  return { dims: wDims, data };
}
