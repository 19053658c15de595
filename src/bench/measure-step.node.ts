import {
  csFlow,
  drawParameters,
  initialParameters,
  mapSizeAt,
  parameterSpecs,
  scales,
  toLatents,
} from '../csflow/index.js';
import { constant, lower, writeOnnx } from '../graph/index.js';
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
const { row, does, threads } = JSON.parse(process.argv[2]) as MeasureRequest;

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

/** The flow with its weights as constants, as it stands in a model file. */
function inferenceModel(): Uint8Array {
  const configuration = configurationOf(row);
  const parameters = initialParameters(configuration, 0);
  const weights = new Map(
    parameterSpecs(configuration).map(({ name, dims }) => [
      name,
      constant(floatTensor(dims, parameters.get(name)!)),
    ]),
  );
  const flow = csFlow(configuration, (name) => weights.get(name)!);
  const { z } = toLatents(flow, featureInputs(configuration, 'N'));
  return writeOnnx(lower({ z0: z[0], z1: z[1], z2: z[2] }));
}

async function measureInference(device: Device): Promise<Partial<Measurement>> {
  const session = await device.compile(inferenceModel());
  const [one, many] = [features(row, 1), features(row, row.batch)];
  return {
    infer_batch1_s: await clock(() => session.run(one)),
    infer_batch_s: await clock(() => session.run(many)),
  };
}

const device = createLocalDevice({ threads });
const times = does === 'training' ? await measureTraining(device) : await measureInference(device);
const specs = parameterSpecs(configurationOf(row));
const measured: Measurement = {
  parameters: specs.reduce((sum, { dims }) => sum + elementCount(dims), 0),
  ...times,
  peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
};
await device.close();
process.stdout.write(`${JSON.stringify(measured)}\n`);
