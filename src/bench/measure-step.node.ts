import { compileFrozen, drawParameters, frozenFlow, inferencePlan } from '../csflow/index.js';
import { createLocalDevice } from '../runtime/local-device.node.js';
import type { Device, Session } from '../runtime/session.js';
import { drawFeatures, featureInputs, openTrialStep, parameterCount } from '../training/index.js';
import type { Measurement } from './measurement.js';
import type { MeasureRequest } from './own.js';
import { configurationOf } from './rows.js';
import { median } from './statistics.js';

/** A process of its own that times csflow: its one argument is a `MeasureRequest`, its answer a `Measurement`. */
const { row, does, threads, backend } = JSON.parse(process.argv[2]) as MeasureRequest;

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
  const step = await openTrialStep(configurationOf(row), row.batch, device);
  return { train_step_s: await clock(step.run) };
}

/** The flow for a batch of known size. */
function openInference(device: Device, batch: number): Promise<Session> {
  const configuration = configurationOf(row);
  const plan = inferencePlan(configuration, batch);
  // Many small arrays would leave gaps; but those that are let go of one by one must not hold each other.
  const place = plan.weights === 'transformed' ? undefined : new Float32Array(parameterCount(configuration));
  const frozen = frozenFlow(
    configuration,
    drawParameters(configuration, 0, place),
    featureInputs(configuration, batch),
    plan,
    { givenUp: true },
  );
  const program = Object.fromEntries(frozen.z.map((part, i) => [`z${i}`, part]));
  return compileFrozen(device, program, frozen, { name: `inference of ${batch}` });
}

async function clockInference(device: Device, batch: number): Promise<{ min: number; median: number }> {
  const session = await openInference(device, batch);
  const feeds = drawFeatures(configurationOf(row), batch);
  const times = await clock(() => session.run(feeds));
  await session.close();
  return times;
}

const device = createLocalDevice({ threads, backend });
async function measure(): Promise<Partial<Measurement>> {
  switch (does) {
    case 'training':
      return measureTraining(device);
    case 'inference of one':
      return { infer_batch1_s: await clockInference(device, 1) };
    case 'inference of the batch':
      return { infer_batch_s: await clockInference(device, row.batch) };
  }
}

const times = await measure();
const measured: Measurement = {
  parameters: parameterCount(configurationOf(row)),
  ...times,
  peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
};
await device.close();
process.stdout.write(`${JSON.stringify(measured)}\n`);
