import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { compileFrozen, frozenFlow } from '#csflow/csflow/index.js';
import { collectBefore } from '#csflow/runtime/collect-garbage.node.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import type { Device } from '#csflow/runtime/session.js';
import { featureInputs } from '#csflow/training/training-step.js';
import { countedDevice, type Failure } from '../runtime/counted-device.js';
import { goldenCase } from './golden-case.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

describe('a frozen session', () => {
  // Each transform of a kernel is a session of its own before the flow's.
  it.each<Failure | undefined>([undefined, { compile: 1 }, { compile: 3 }, { run: 2 }])(
    'leaves nothing on the device, after %j failed',
    async (failure) => {
      const { configuration, parameters, batch } = goldenCase('base');
      const counted = countedDevice(device, failure);
      const plan = { layout: 'HWNC', weights: 'transformed' } as const;
      const frozen = frozenFlow(configuration, parameters, featureInputs(configuration, batch), plan);
      const program = Object.fromEntries(frozen.z.map((part, i) => [`z${i}`, part]));
      const opened = compileFrozen(counted, program, frozen, { name: 'frozen' });
      if (failure === undefined) {
        const session = await opened;
        expect(counted.buffers.size).toBeGreaterThan(0);
        await session.close();
      } else await expect(opened).rejects.toThrow('failed');
      expect([counted.sessions.size, counted.buffers.size]).toEqual([0, 0]);
    },
  );
});

it('a flow with its constants is let go of before its model is compiled', async () => {
  const { configuration, parameters, batch } = goldenCase('base');
  const whileCompiled: boolean[] = [];
  const open = () => {
    const plan = { layout: 'NCHW', weights: 'constants' } as const;
    const frozen = frozenFlow(configuration, parameters, featureInputs(configuration, batch), plan);
    const z = new WeakRef(frozen.z[0]);
    const watched: Device = {
      ...device,
      async compile(model, bindings) {
        // A weak reference holds its target until the turn that made it has ended.
        await setImmediate();
        collectBefore(new Uint8Array(1 << 24));
        whileCompiled.push(z.deref() !== undefined);
        return device.compile(model, bindings);
      },
    };
    return compileFrozen(watched, { z: frozen.z[0] }, frozen, { name: 'constants' });
  };
  const session = await open();
  await session.close();
  expect(whileCompiled).toEqual([false]);
});
