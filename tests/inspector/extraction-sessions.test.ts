import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultBackbone } from '#csflow/backbone/index.js';
import { loadBackboneWeights } from '#csflow/backbone/weights.node.js';
import { openDataset } from '#csflow/data/index.js';
import { extractFeatures, type ExtractionOptions } from '#csflow/inspector/extract-features.node.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import type { Device } from '#csflow/runtime/session.js';
import { folderWithSampleData } from '../cli/command.js';
import { countedDevice, type Failure } from '../runtime/counted-device.js';

let folder: string;
let data: string;
let device: Device;
let options: Omit<ExtractionOptions, 'device'>;
beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 6, test: 1, defects: 1 }));
  device = createLocalDevice();
  const { name, layer } = defaultBackbone;
  options = {
    size: [128, 128],
    view: { kind: 'whole' },
    backbone: defaultBackbone,
    weights: await loadBackboneWeights(name, { layer }),
  };
});
afterAll(async () => {
  await device.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the extraction of features', () => {
  it('opens no session after it was aborted', async () => {
    const counted = countedDevice(device);
    const controller = new AbortController();
    const { images } = await openDataset(data);
    const extraction = extractFeatures(images, { ...options, device: counted, signal: controller.signal });
    controller.abort(new Error('aborted'));
    await expect(extraction).rejects.toThrow('aborted');
    // The same pictures, begun later: those of the first extraction are decoded by the end of this.
    await extractFeatures(images, { ...options, device: counted });
    expect(counted.sessions.size).toBe(0);
  });

  it.each(['ended', 'aborted'] as const)('leaves no session open, %s', async (how) => {
    const counted = countedDevice(device);
    const controller = new AbortController();
    let open = 0;
    const extraction = extractFeatures((await openDataset(data)).images, {
      ...options,
      device: counted,
      signal: controller.signal,
      onEvent: () => {
        open = counted.sessions.size;
        if (how === 'aborted') controller.abort(new Error('aborted'));
      },
    });
    if (how === 'aborted') await expect(extraction).rejects.toThrow('aborted');
    else await extraction;
    expect(open).toBe(1);
    expect(counted.sessions.size).toBe(0);
  });

  it.each<Failure>([{ compile: 1 }, { run: 1 }, { run: 4 }])(
    'leaves no session open after %j failed',
    async (failure) => {
      const counted = countedDevice(device, failure);
      const { images } = await openDataset(data);
      await expect(extractFeatures(images, { ...options, device: counted })).rejects.toThrow('failed');
      expect(counted.sessions.size).toBe(0);
    },
  );
});
