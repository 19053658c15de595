// Times one training step and inference of CS-Flow; prints one line of JSON, as peer_torch.py does.
import { parseArgs } from 'node:util';
import { csFlow, initialParameters, parameterSpecs, toLatents } from '../dist/csflow/index.js';
import { constant, lower, writeOnnx } from '../dist/graph/index.js';
import { createLocalDevice } from '../dist/runtime/local-device.node.js';
import { floatTensor } from '../dist/tensor/tensor.js';
import { packParameters } from '../dist/training/parameter-buffer.js';
import {
  featureInputs,
  stateBuffers,
  trainingStep,
  writeTrainingStep,
} from '../dist/training/training-step.js';

const { values: options } = parseArgs({
  options: {
    channels: { type: 'string' },
    map: { type: 'string' },
    hidden: { type: 'string' },
    batch: { type: 'string' },
    threads: { type: 'string' },
    repeat: { type: 'string', default: '5' },
  },
});
const batch = Number(options.batch);
const configuration = {
  channels: Number(options.channels),
  mapSize: options.map.split('x').map(Number),
  hidden: Number(options.hidden),
  kernels: [3, 3, 3, 5],
  clamp: 3,
  gamma: true,
};
const device = createLocalDevice({ threads: Number(options.threads) });

let state = 1;
function normal() {
  let sum = -6;
  for (let i = 0; i < 12; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    sum += state / 2 ** 32;
  }
  return sum;
}
function features(samples) {
  const named = {};
  for (let s = 0; s < 3; s++) {
    const dims = [
      samples,
      configuration.channels,
      configuration.mapSize[0] >> s,
      configuration.mapSize[1] >> s,
    ];
    named[`x${s}`] = floatTensor(dims, Float32Array.from({ length: dims.reduce((a, b) => a * b) }, normal));
  }
  return named;
}

async function clock(run) {
  await run();
  await run();
  const seconds = [];
  for (let i = 0; i < Number(options.repeat); i++) {
    const start = performance.now();
    await run();
    seconds.push((performance.now() - start) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return { min: seconds[0], median: seconds[Math.floor(seconds.length / 2)] };
}

const parameters = initialParameters(configuration, 0);
const step = trainingStep(configuration, batch);
for (const name of stateBuffers) {
  await device.createBuffer(
    name,
    name === 'parameters' ? packParameters(step.layout, parameters) : step.layout.length,
  );
}
const training = await device.compile(writeTrainingStep(step), step.bindings);
const feeds = {
  ...features(batch),
  stepSize: floatTensor([], [2e-4]),
  secondMomentCorrection: floatTensor([], [1]),
};
const trainStep = await clock(() => training.run(feeds));
await training.close();

const weights = new Map(
  parameterSpecs(configuration).map(({ name, dims }) => [
    name,
    constant(floatTensor(dims, parameters.get(name))),
  ]),
);
const { z } = toLatents(
  csFlow(configuration, (name) => weights.get(name)),
  featureInputs(configuration, 'N'),
);
const inference = await device.compile(writeOnnx(lower({ z0: z[0], z1: z[1], z2: z[2] })));
const [one, many] = [features(1), features(batch)];
console.log(
  JSON.stringify({
    parameters: step.layout.length,
    train_step_s: trainStep,
    infer_batch1_s: await clock(() => inference.run(one)),
    infer_batch_s: await clock(() => inference.run(many)),
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
  }),
);
await device.close();
