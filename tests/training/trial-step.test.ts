import { afterAll, expect, it } from 'vitest';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { openTrialStep } from '#csflow/training/index.js';
import { countedDevice } from '../runtime/counted-device.js';
import { smallConfiguration } from './drawn-features.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

it('a trial step leaves nothing on the device, closed or failed', async () => {
  const counted = countedDevice(device);
  const step = await openTrialStep(smallConfiguration, 2, counted);
  await step.run();
  expect([counted.sessions.size, counted.buffers.size]).toEqual([1, 3]);
  await step.close();
  expect([counted.sessions.size, counted.buffers.size]).toEqual([0, 0]);
  const failing = countedDevice(device, { compile: 1 });
  await expect(openTrialStep(smallConfiguration, 2, failing)).rejects.toThrow('compile 1 failed');
  expect([failing.sessions.size, failing.buffers.size]).toEqual([0, 0]);
});
