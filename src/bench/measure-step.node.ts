import {
  drawParameters,
  frozenLatents,
  inferenceLayout,
  initialParameters,
  mapSizeAt,
  parameterSpecs,
  scales,
} from '../csflow/index.js';
import { lower, writeOnnx } from '../graph/index.js';
import { createLocalDevice } from '../runtime/local-device.node.js';
import type { Device, Feeds } from '../runtime/session.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { elementCount, floatTensor } from '../tensor/tensor.js';
import { packParameters } from '../training/parameter-buffer.js';
import { featureInputs, stateBuffers, trainingStep, writeTrainingStep } from '../training/training-step.js';
import type { Measurement } from './measurement.js';
import type { MeasureRequest } from './own.js';
import { configurationOf, type BenchRow } from './rows.js';
import { median } from './statistics.js';

/** A process of its own that times csflow: its one argument is a `MeasureRequest`, its answer a `Measurement`. */
const { row, does, threads, backend } = JSON.parse(process.argv[2]) as MeasureRequest;

function features({ channels, mapSize }: BenchRow, samples: number): Feeds {
  const random = new NumpyRandom(0);
  return Object.fromEntries(
    Array.from({ length: scales }, (_, s) => {
      const dims = [samples, channels, ...mapSizeAt(configurationOf({ ...row, mapSize }), s)];
      const values = Float32Array.from({ length: elementCount(dims) }, () => random.normal());
      return [`x${s}`, floatTensor(dims, values)];
    }),
  );
}

async function clock(run: () => Promise<unknown>): Promise<{ min: number; median: number }> {
  await run();
  await run();
  const seconds: number[] = [];
  for (let i = 0; i < row.runs; i++) {
    const start = performance.now();
    await run();
    seconds.push((performance.now() - start) / 1000);
  }
  return { min: Math.min(...seconds), median: median(seconds) };
}

async function measureTraining(device: Device): Promise<Partial<Measurement>> {
  const configuration = configurationOf(row);
  const step = trainingStep(configuration, row.batch);
  for (const name of stateBuffers) {
    const values =
      name === 'parameters'
        ? packParameters(step.layout, drawParameters(configuration, 0))
        : step.layout.length;
    await device.createBuffer(name, values, { givenUp: true });
  }
  const session = await device.compile(writeTrainingStep(step), step.bindings);
  const feeds = {
    ...features(row, row.batch),
    stepSize: floatTensor([], [2e-4]),
    secondMomentCorrection: floatTensor([], [1]),
  };
  return { train_step_s: await clock(() => session.run(feeds)) };
}

/** The flow with its weights as constants, for a batch of known size. */
function inferenceModel(batch: number): Uint8Array {
  const configuration = configurationOf(row);
  const parameters = initialParameters(configuration, 0);
  const features = featureInputs(configuration, batch);
  const layout = inferenceLayout(configuration, batch);
  const [z0, z1, z2] = frozenLatents(configuration, parameters, features, layout);
  return writeOnnx(lower({ z0, z1, z2 }));
}

async function clockInference(device: Device, batch: number): Promise<{ min: number; median: number }> {
  const session = await device.compile(inferenceModel(batch));
  const feeds = features(row, batch);
  const times = await clock(() => session.run(feeds));
  await session.close();
  return times;
}

async function measureInference(device: Device): Promise<Partial<Measurement>> {
  const one = await clockInference(device, 1);
  return { infer_batch1_s: one, infer_batch_s: await clockInference(device, row.batch) };
}

const device = createLocalDevice({ threads, backend });
const times = does === 'training' ? await measureTraining(device) : await measureInference(device);
const specs = parameterSpecs(configurationOf(row));
const measured: Measurement = {
  parameters: specs.reduce((sum, { dims }) => sum + elementCount(dims), 0),
  ...times,
  peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
};
await device.close();
process.stdout.write(`${JSON.stringify(measured)}\n`);
