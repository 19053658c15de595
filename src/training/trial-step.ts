import { mapSizeAt, scales, type FlowConfiguration } from '../csflow/index.js';
import type { Device, Feeds, Session } from '../runtime/session.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { elementCount, floatTensor } from '../tensor/tensor.js';
import { adamFeeds, defaultAdam } from './adam.js';
import { packDrawn } from './parameter-buffer.js';
import { dropState, placeState, writtenStep } from './training-step.js';

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

/** The session of a step on drawn weights. */
async function compileOnDrawn(
  configuration: FlowConfiguration,
  batch: number,
  device: Device,
): Promise<Session> {
  const { model, bindings, layout } = writtenStep(configuration, batch);
  await placeState(device, packDrawn(layout, configuration, 0));
  return device.compile(model, bindings);
}

/** Compiles a step on drawn weights; the device's state buffers are replaced. */
export async function openTrialStep(
  configuration: FlowConfiguration,
  batch: number,
  device: Device,
): Promise<TrialStep> {
  const session = await compileOnDrawn(configuration, batch, device).catch(async (error: unknown) => {
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
