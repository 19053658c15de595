// Times csflow's own way from picture files to features; prints one line of JSON, as features_torch.py does.
//   node bench/features-csflow.mjs LIST.json
import { readFileSync } from 'node:fs';
import { defaultBackbone } from '../dist/backbone/index.js';
import { loadBackboneWeights } from '../dist/backbone/weights.node.js';
import { extractFeatures } from '../dist/inspector/extract-features.node.js';
import { createWorkerDevice } from '../dist/runtime/worker-device.node.js';

const warm = 16;
const paths = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const device = createWorkerDevice();
let start;
let cpu;
let seconds;
const { features } = await extractFeatures(
  paths.map((path) => ({ path, label: 'good', defectClass: 'good', split: 'train', group: path })),
  {
    size: [384, 384],
    backbone: defaultBackbone,
    weights: await loadBackboneWeights('efficientnet-lite0'),
    device,
    onEvent({ kind, done }) {
      if (kind !== 'features') return;
      if (done === warm) [start, cpu] = [performance.now(), process.cpuUsage()];
      seconds = (performance.now() - start) / 1000;
    },
  },
);
const { user, system } = process.cpuUsage(cpu);
await device.close();
const mean = (values, of) => values.reduce((sum, value) => sum + of(value), 0) / values.length;
const { maps } = features[0];
console.log(
  JSON.stringify({
    images_per_second: (paths.length - warm) / seconds,
    cpu_per_second: (user + system) / 1e6 / seconds,
    moments: [...maps.map((map) => mean(map, (x) => x)), ...maps.map((map) => mean(map, (x) => x * x))],
  }),
);
