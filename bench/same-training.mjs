// Trains csflow and PyTorch with the same weights, batches and order on real features, compares, and ends with 1 where
// they differ.
//   node bench/same-training.mjs --peer PYTHON --data DATASET [--recipe paper|default] [--steps 100] [--hidden 64] [--images 64]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadBackboneWeights } from '../dist/backbone/weights.node.js';
import { initialParameters, mapSizeAt, parameterSpecs } from '../dist/csflow/index.js';
import { FeatureCache, openDataset } from '../dist/data/index.js';
import { extractFeatures } from '../dist/inspector/extract-features.node.js';
import { resolveSettings } from '../dist/inspector/settings.js';
import { createLocalDevice } from '../dist/runtime/local-device.node.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';
import { readSafetensors, writeSafetensors } from '../dist/tensor/safetensors.js';
import { adamFeeds } from '../dist/training/adam.js';
import {
  batchOf,
  featureSet,
  fitStandardisation,
  learningRateAt,
  standardiseInPlace,
} from '../dist/training/index.js';
import { packParameters, unpackParameters } from '../dist/training/parameter-buffer.js';
import { stateBuffers, trainingStep, writeTrainingStep } from '../dist/training/training-step.js';

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string' },
    data: { type: 'string' },
    recipe: { type: 'string', default: 'paper' },
    steps: { type: 'string', default: '100' },
    hidden: { type: 'string', default: '64' },
    images: { type: 'string', default: '64' },
  },
});
const steps = Number(options.steps);
const settings = resolveSettings({ preset: 'small', recipe: options.recipe, hidden: Number(options.hidden) });
const { configuration, recipe } = settings;
const device = createLocalDevice();

const dataset = await openDataset(options.data);
const images = dataset.images.filter(({ split }) => split === 'train').slice(0, Number(options.images));
const weights = await loadBackboneWeights('efficientnet-lite0');
const extracted = await extractFeatures(images, { ...settings, weights, device, cache: new FeatureCache() });
const sizes = [0, 1, 2].map((s) => mapSizeAt(configuration, s));
const features = featureSet(
  extracted.features.map(({ maps }) => maps),
  configuration.channels,
  sizes,
);
if (recipe.inputTransform === 'standardise') standardiseInPlace(features, fitStandardisation(features));

const random = new NumpyRandom(0);
let left = [];
const order = Array.from({ length: steps }, () => {
  if (left.length < recipe.batch) left = [...random.permutation(features.count)];
  return left.splice(0, recipe.batch);
});
const learningRates = order.map((_, i) => learningRateAt(recipe.schedule, i / steps));
const start = initialParameters(configuration, 1);
const specs = parameterSpecs(configuration);

const folder = mkdtempSync(join(tmpdir(), 'csflow-same-'));
const tensors = new Map(specs.map(({ name, dims }) => [`param.${name}`, { dims, data: start.get(name) }]));
features.scales.forEach((data, s) =>
  tensors.set(`x${s}`, { dims: [features.count, configuration.channels, ...sizes[s]], data }),
);
writeFileSync(
  join(folder, 'in.safetensors'),
  writeSafetensors(tensors, {
    configuration: JSON.stringify(configuration),
    recipe: JSON.stringify(recipe),
    order: JSON.stringify(order),
    learning_rates: JSON.stringify(learningRates),
    threads: String(availableParallelism()),
  }),
);
const script = fileURLToPath(new URL('train_torch.py', import.meta.url));
const run = spawnSync(
  options.peer,
  [script, join(folder, 'in.safetensors'), join(folder, 'out.safetensors')],
  { stdio: 'inherit' },
);
if (run.status !== 0) process.exit(1);
const theirs = readSafetensors(readFileSync(join(folder, 'out.safetensors'))).tensors;
rmSync(folder, { recursive: true });

const step = trainingStep(configuration, recipe.batch, { adam: recipe.adam, maxNorm: recipe.maxNorm });
const flat = packParameters(step.layout, start);
for (const name of stateBuffers) await device.createBuffer(name, name === 'parameters' ? flat : flat.length);
const session = await device.compile(writeTrainingStep(step), step.bindings);
const losses = [];
for (const [i, indices] of order.entries()) {
  const [x0, x1, x2] = batchOf(features, indices);
  const scalars = adamFeeds(i + 1, learningRates[i], recipe.adam);
  losses.push((await session.run({ x0, x1, x2, ...scalars })).loss.data[0]);
}
const after = unpackParameters(step.layout, await device.readBuffer('parameters'));
await device.close();

const peerLosses = theirs.get('losses').data;
let dot = 0;
let own = 0;
let peer = 0;
for (const { name } of specs) {
  const [before, mine, other] = [start.get(name), after.get(name), theirs.get(name).data];
  for (let i = 0; i < before.length; i++) {
    const [a, b] = [mine[i] - before[i], other[i] - before[i]];
    dot += a * b;
    own += a * a;
    peer += b * b;
  }
}
// Largest difference over the steps, relative to how far the loss has dropped by then.
const shares = losses.map(
  (loss, i) => Math.abs(loss - peerLosses[i]) / Math.abs(peerLosses[0] - peerLosses[i]),
);
const report = {
  recipe: options.recipe,
  steps,
  images: features.count,
  first_loss: peerLosses[0],
  last_loss: { csflow: losses.at(-1), torch: peerLosses.at(-1) },
  largest_difference_of_drop: Math.max(...shares.slice(1)),
  displacement_cosine: dot / Math.sqrt(own * peer),
};
console.log(JSON.stringify(report, null, 1));
if (!(report.largest_difference_of_drop <= 0.01 && report.displacement_cosine >= 0.999)) {
  console.error('the two trainings differ: expected 1 % of the drop at most and a cosine of 0.999 at least');
  process.exitCode = 1;
}
