import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { chooseBackend } from '#csflow/runtime/choose-backend.node.js';
import { UserError } from '#csflow/errors.js';
import { imageFeatures, defaultBackbone } from '#csflow/backbone/index.js';
import { loadBackboneWeights } from '#csflow/backbone/weights.node.js';
import { input, lower, writeOnnx } from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { probeFeatures, probeStep } from '#csflow/runtime/probe-programs.js';
import { probeDevice } from '#csflow/runtime/probe.js';
import { valuesOf, type Device, type Results } from '#csflow/runtime/session.js';
import { floatTensor } from '#csflow/tensor/tensor.js';
import { trainingStep, writeTrainingStep } from '#csflow/training/training-step.js';

/** A GPU that works is taken; one that does not is refused in words that name what is there. */
async function worksOrIsRefused(name: 'webgpu' | 'cuda'): Promise<void> {
  try {
    expect(await chooseBackend(name)).toBe(name);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(
      new RegExp(
        `^--device ${name}: expected one that works here, but .+ lists cpu, .*; what works here: .*cpu.* Use --device`,
      ),
    );
  }
}

describe('the choice of where to compute', () => {
  it('is the CPU without a trial', async () => {
    expect(await chooseBackend('cpu')).toBe('cpu');
  });
  it.each(['webgpu', 'cuda'] as const)('%s works or is refused', worksOrIsRefused);
  it('auto is CUDA or the CPU', async () => {
    const messages: string[] = [];
    const backend = await chooseBackend('auto', (message) => messages.push(message));
    if (backend === 'cuda') expect(messages).toEqual([]);
    else {
      expect(backend).toBe('cpu');
      expect(messages).toHaveLength(1);
      expect(messages[0]).toMatch(/^cuda does not work here \(.+\), computing on cpu$/);
    }
  });
});

/** The CPU, with something wrong. */
function faulty(wrong: {
  readonly results?: (results: Results) => Results;
  readonly buffer?: (values: Float32Array) => Float32Array;
  readonly compile?: () => never;
}): Device {
  const device = createLocalDevice();
  return {
    ...device,
    async compile(model, bindings) {
      wrong.compile?.();
      const session = await device.compile(model, bindings);
      const run: typeof session.run = async (feeds) => {
        const results = await session.run(feeds);
        return wrong.results?.(results) ?? results;
      };
      return { ...session, run };
    },
    async readBuffer(name) {
      const values = await device.readBuffer(name);
      return wrong.buffer?.(values) ?? values;
    },
  };
}

const changed =
  (name: string, change: (value: number) => number) =>
  (results: Results): Results =>
    Object.fromEntries(
      Object.entries(results).map(([key, tensor]) => [
        key,
        key === name && tensor.dtype === 'float32'
          ? floatTensor(tensor.dims, valuesOf(results, key, 'float32').map(change))
          : tensor,
      ]),
    );

describe('the trial of a device', () => {
  it('finds nothing wrong with the CPU, nor with small errors', async () => {
    expect(await probeDevice(createLocalDevice({ threads: 1 }), createLocalDevice())).toBeUndefined();
    const inexact = faulty({ results: changed('loss', (value) => value * 1.001) });
    expect(await probeDevice(inexact, createLocalDevice())).toBeUndefined();
  });

  it.each([
    ['loss', /^a training step comes out wrong: loss of run 1 is /],
    ['norm', /^a training step comes out wrong: norm of run 1 is /],
    ['features', /^the features of a picture come out wrong: features of run 1 is /],
  ])('tells of a wrong %s', async (name, message) => {
    const device = faulty({ results: changed(name, (value) => 1.1 * value + 0.1) });
    expect(await probeDevice(device, createLocalDevice())).toMatch(message);
    const notANumber = faulty({ results: changed(name, () => NaN) });
    expect(await probeDevice(notANumber, createLocalDevice())).toMatch(/is NaN where -?[\d.]+ is right$/);
  });

  it('tells of parameters that are not written in place', async () => {
    const start = probeStep().buffers.parameters;
    const device = faulty({ buffer: (values) => (values.length === start.length ? start.slice() : values) });
    expect(await probeDevice(device, createLocalDevice())).toMatch(
      /^a training step comes out wrong: parameters is /,
    );
  });

  it('tells of an output that is missing', async () => {
    const device = faulty({ results: ({ loss, ...others }) => (loss === undefined ? others : { loss }) });
    expect(await probeDevice(device, createLocalDevice())).toMatch(
      /norm of run 1 has no values, 1 are right/,
    );
  });

  it('fails where an operation is missing', async () => {
    const device = faulty({
      compile: () => {
        throw new Error('Failed to find kernel for Atan');
      },
    });
    await expect(probeDevice(device, createLocalDevice())).rejects.toThrow('kernel for Atan');
  });

  it('has every operation that training has', async () => {
    const configuration = {
      channels: 8,
      mapSize: [8, 8] as const,
      hidden: 8,
      kernels: [3, 5],
      clamp: 3,
      gamma: true,
    };
    const trained = opTypes(writeTrainingStep(trainingStep(configuration, 3)));
    const missing = (of: ReadonlySet<string>, tried: ReadonlySet<string>) =>
      [...of].filter((op) => !tried.has(op));
    expect(missing(trained, opTypes(probeStep().model))).toEqual([]);
    const { weights } = await loadBackboneWeights(defaultBackbone.name, { layer: defaultBackbone.layer });
    const image = input('image', ['N', 'H', 'W', 3], 'uint8');
    const [f0, f1, f2] = imageFeatures(image, [128, 128], defaultBackbone, weights);
    expect(missing(opTypes(writeOnnx(lower({ f0, f1, f2 }))), opTypes(probeFeatures().model))).toEqual([]);
  });
});

function opTypes(model: Uint8Array): ReadonlySet<string> {
  const { graph } = fromBinary(ModelProtoSchema, model);
  return new Set(graph?.node.map(({ opType }) => opType));
}
