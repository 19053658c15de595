import { fill, reader, type Float64Tensor } from './array.js';

/** Weights of one output pixel over the input's pixels: a triangle as wide as the reduction, cut at the border. */
function weights(output: number, inputLength: number, outputLength: number): readonly [number, number][] {
  const ratio = inputLength / outputLength;
  const reach = Math.max(ratio, 1);
  const center = (output + 0.5) * ratio - 0.5;
  const taps: [number, number][] = [];
  let total = 0;
  for (let i = Math.ceil(center - reach); i <= Math.floor(center + reach); i++) {
    const weight = 1 - Math.abs(i - center) / reach;
    if (i < 0 || i >= inputLength || weight <= 0) continue;
    taps.push([i, weight]);
    total += weight;
  }
  return taps.map(([i, weight]) => [i, weight / total]);
}

/** Bilinear resize with antialiasing, rounded to whole grey levels; [N, H, W, C]. */
export function resizeImage(x: Float64Tensor, height: number, width: number): Float64Tensor {
  const [n, h, w, c] = x.dims as [number, number, number, number];
  const read = reader(x);
  const across = fill([n, h, width, c], ([i, y, u, ch]) => {
    let sum = 0;
    for (const [tap, weight] of weights(u, w, width)) sum += weight * read([i, y, tap, ch]);
    return sum;
  });
  const readAcross = reader(across);
  return fill([n, height, width, c], ([i, v, u, ch]) => {
    let sum = 0;
    for (const [tap, weight] of weights(v, h, height)) sum += weight * readAcross([i, tap, u, ch]);
    return Math.round(sum);
  });
}
