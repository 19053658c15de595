// Time and memory of a backbone's features of one image, at three scales, decoding left out.
//   node bench/backbone-features.mjs [--backbone efficientnet-b5] [--size 768x768] [--rounds 9]
// The weights are drawn: the time does not depend on them. Run `npm run build` first.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { defaultLayer, imageFeatures, weightSpecs } from '../dist/backbone/index.js';
import { input, lower, writeOnnx } from '../dist/graph/index.js';
import { createLocalDevice } from '../dist/runtime/local-device.node.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';

const { values: options } = parseArgs({
  options: {
    backbone: { type: 'string', default: 'efficientnet-b5' },
    size: { type: 'string', default: '768x768' },
    threads: { type: 'string', default: String(cpus().length) },
    rounds: { type: 'string', default: '9' },
  },
});
const [height, width] = options.size.split('x').map(Number);
const choice = { name: options.backbone, layer: defaultLayer(options.backbone) };

const random = new NumpyRandom(0);
const drawn = ({ name, dims }) => {
  const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  const fanIn = dims.slice(1).reduce((product, dim) => product * dim, 1);
  if (dims.length === 4)
    data.forEach((_, i) => (data[i] = (2 * random.uniform() - 1) * Math.sqrt(3 / fanIn)));
  else data.fill(name.endsWith('.weight') || name.endsWith('.running_var') ? 1 : 0);
  return [name, { dtype: 'F32', dims, data }];
};
const weights = { metadata: {}, tensors: new Map(weightSpecs(choice).map(drawn)) };

const image = input('image', ['N', 'H', 'W', 3], 'uint8');
const [f0, f1, f2] = imageFeatures(image, [height, width], choice, weights);
const device = createLocalDevice({ threads: Number(options.threads) });
const session = await device.compile(writeOnnx(lower({ f0, f1, f2 })));
const data = Uint8Array.from({ length: height * width * 3 }, () => random.uniform() * 256);
const seconds = [];
for (let round = 0; round <= Number(options.rounds); round++) {
  const start = performance.now();
  await session.run({ image: { dtype: 'uint8', dims: [1, height, width, 3], data } });
  if (round > 0) seconds.push((performance.now() - start) / 1000);
}
await device.close();
const sorted = seconds.toSorted((a, b) => a - b);
const median = sorted[Math.floor(sorted.length / 2)];
const peak = process.resourceUsage().maxRSS / 1024 / 1024;
console.log(
  `${options.backbone} block ${choice.layer}, ${height}x${width}: median ${median.toFixed(2)} s an image ` +
    `(${sorted[0].toFixed(2)} to ${sorted.at(-1).toFixed(2)}, ${seconds.length} runs), peak memory ${peak.toFixed(2)} GB`,
);
