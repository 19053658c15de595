import { drawParameters, mapSizeAt, scales, type FlowConfiguration } from '../csflow/index.js';
import type { Device, Feeds, Session } from '../runtime/session.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { elementCount, floatTensor } from '../tensor/tensor.js';
import { adamFeeds, defaultAdam } from './adam.js';
import { packParameters } from './parameter-buffer.js';
import { dropState, placeState, trainingStep, writeTrainingStep } from './training-step.js';

/** A training step that is run for its time and memory alone. */
export interface TrialStep {
  readonly run: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Drawn features x0, x1, x2 of so many samples, normal. */
export function drawFeatures(configuration: FlowConfiguration, samples: number): Feeds {
  const random = new NumpyRandom(0);
  return Object.fromEntries(
    Array.from({ length: scales }, (_, s) => {
      const dims = [samples, configuration.channels, ...mapSizeAt(configuration, s)];
      const values = Float32Array.from({ length: elementCount(dims) }, () => random.normal());
      return [`x${s}`, floatTensor(dims, values)];
    }),
  );
}

/** Compiles a step on drawn weights; the device's state buffers are replaced. */
export async function openTrialStep(
  configuration: FlowConfiguration,
  batch: number,
  device: Device,
): Promise<TrialStep> {
  const step = trainingStep(configuration, batch);
  const compile = async (): Promise<Session> => {
    await placeState(device, packParameters(step.layout, drawParameters(configuration, 0)));
    return device.compile(writeTrainingStep(step), step.bindings);
  };
  const session = await compile().catch(async (error: unknown) => {
    await dropState(device);
    throw error;
  });
  const features = Object.entries(drawFeatures(configuration, batch));
  const feeds = {
    ...Object.fromEntries(features.filter(([name]) => session.inputNames.includes(name))),
    ...adamFeeds(1, 2e-4, defaultAdam),
  };
  return {
    run: () => session.run(feeds),
    async close() {
      try {
        await session.close();
      } finally {
        await dropState(device);
      }
    },
  };
}
