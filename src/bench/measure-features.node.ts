import { readFile } from 'node:fs/promises';
import { defaultBackbone } from '../backbone/index.js';
import { loadBackboneWeights } from '../backbone/weights.node.js';
import { extractFeatures } from '../inspector/extract-features.node.js';
import { createWorkerDevice } from '../runtime/worker-device.node.js';
import type { FeaturesRequest } from './features-section.js';
import { startRateClock } from './rate-clock.js';
import type { RateAnswer } from './rate.js';

/** A process of its own that times csflow from picture files to features: a `FeaturesRequest` in, a `RateAnswer` out. */
const { list, warm, threads, backend } = JSON.parse(process.argv[2]) as FeaturesRequest;
const paths = JSON.parse(await readFile(list, 'utf8')) as readonly string[];

const device = createWorkerDevice({ threads, backend });
let rateSinceStart = startRateClock();
const { features, skipped } = await extractFeatures(
  paths.map((path) => ({ path, label: 'good', defectClass: 'good', split: 'train', group: path })),
  {
    size: [384, 384],
    view: { kind: 'whole' },
    backbone: defaultBackbone,
    weights: await loadBackboneWeights(defaultBackbone.name),
    device,
    onEvent: (event) => {
      if (event.kind === 'features' && event.done === warm) rateSinceStart = startRateClock();
    },
  },
);
const rate = rateSinceStart(paths.length - warm);
await device.close();
if (skipped.length > 0) throw new Error(`${skipped[0].path}: ${skipped[0].reason}`);

function mean(values: Float32Array, of: (value: number) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}
const { maps } = features[0].views[0];
const answer: RateAnswer = {
  ...rate,
  moments: [...maps.map((map) => mean(map, (x) => x)), ...maps.map((map) => mean(map, (x) => x * x))],
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
