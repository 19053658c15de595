import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { csFlow, parameterSpecs, toLatents } from '#csflow/csflow/index.js';
import { add, constant, input, lower, writeOnnx } from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { readPyTorch } from '#csflow/tensor/pytorch/index.js';
import { floatsOf, readSafetensors } from '#csflow/tensor/safetensors.js';
import { publishedName, relativeDifference } from './golden-case.js';

const checkpoints = new URL('../../../shared/golden/checkpoints/', import.meta.url);

describe.skipIf(!existsSync(checkpoints))("the published code's state dict (needs ../shared)", () => {
  it('read from its PyTorch file gives the latents and log-determinants of the published code', async () => {
    const bytes = (name: string): Uint8Array => readFileSync(new URL(name, checkpoints));
    const stateDict = readPyTorch(bytes('original_state_dict.pt'));
    const golden = readSafetensors(bytes('original_values.safetensors'));
    const configuration = {
      channels: 8,
      mapSize: [4, 8],
      hidden: 4,
      kernels: [3, 3, 3, 5],
      clamp: 3,
      gamma: true,
    } as const;
    expect(stateDict.tensors.size).toBe(parameterSpecs(configuration).length);
    const features = [0, 1, 2].map((s) => floatsOf(golden, `x${s}`));
    const flow = csFlow(
      configuration,
      (name) => constant({ dtype: 'float32', ...floatsOf(stateDict, publishedName(name)) }),
      'NCHW',
    );
    const { z, logDets } = toLatents(
      flow,
      features.map(({ dims }, s) => input(`x${s}`, dims)),
    );
    const device = createLocalDevice();
    const session = await device.compile(
      writeOnnx(lower({ z0: z[0], z1: z[1], z2: z[2], jac: logDets.reduce(add) })),
    );
    const feeds = features.map((tensor, s) => [`x${s}`, { dtype: 'float32', ...tensor }] as const);
    const results = await session.run(Object.fromEntries(feeds));
    for (const name of ['z0', 'z1', 'z2', 'jac']) {
      const difference = relativeDifference(valuesOf(results, name, 'float32'), floatsOf(golden, name).data);
      expect(difference, name).toBeLessThanOrEqual(1e-5);
    }
    await device.close();
  });
});
