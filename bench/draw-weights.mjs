// Draws weights for a backbone that has none in the package, for measurements of time and memory: what it says of a
// picture means nothing.
//   node bench/draw-weights.mjs efficientnet-b5 FILE.safetensors
// Run `npm run build` first.
import { writeFileSync } from 'node:fs';
import { defaultLayer } from '../dist/backbone/index.js';
import { weightSpecs } from '../dist/backbone/weight-specs.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';
import { writeSafetensors } from '../dist/tensor/safetensors.js';

const [name, file] = process.argv.slice(2);
const random = new NumpyRandom(0);

/** Means of 0, variances and factors of 1, convolutions that keep the size of values about as it is. */
function drawn(tensor, dims) {
  const length = dims.reduce((product, side) => product * side, 1);
  if (dims.length === 1)
    return new Float32Array(length).fill(/running_var|_bn\d\.weight/.test(tensor) ? 1 : 0);
  const deviation = Math.sqrt(1 / (length / dims[0]));
  return Float32Array.from({ length }, () => deviation * random.normal());
}

const specs = weightSpecs({ name, layer: defaultLayer(name) });
writeFileSync(
  file,
  writeSafetensors(
    new Map(specs.map(({ name: tensor, dims }) => [tensor, { dims, data: drawn(tensor, dims) }])),
  ),
);
