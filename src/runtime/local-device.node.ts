import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { messageOf } from '../errors.js';
import { elementCount, type Tensor } from '../tensor/tensor.js';
import { collectBefore } from './collect-garbage.node.js';
import type { Bindings, BufferSlice, Device, DeviceOptions, Feeds, Results, Session } from './session.js';

/** ONNX Runtime's native library in this thread: `run` blocks it while it computes. */
export function createLocalDevice({
  threads = availableParallelism(),
  backend = 'cpu',
}: DeviceOptions = {}): Device {
  const buffers = new Map<string, Float32Array>();
  const sessions = new Set<Session>();
  const bufferOf = (name: string): Float32Array => {
    const values = buffers.get(name);
    if (values === undefined) throw new TypeError(`buffer ${name}: expected one that was created before`);
    return values;
  };
  const view = (name: string, { buffer, offset, dims }: BufferSlice): OrtTensor => {
    const values = bufferOf(buffer);
    const end = offset + elementCount(dims);
    if (end > values.length)
      throw new RangeError(`${name}: ends at ${end}, buffer ${buffer} has ${values.length}`);
    return new OrtTensor('float32', values.subarray(offset, end), dims);
  };
  const compile = async (model: Uint8Array, bindings: Bindings = {}): Promise<Session> => {
    collectBefore(model);
    const native = await InferenceSession.create(model, {
      executionProviders: [backend],
      intraOpNumThreads: threads,
      executionMode: 'sequential',
      // A planned pattern comes on top of what the first run took: a third more memory, where buffers are bound too much.
      enableMemPattern: Object.keys({ ...bindings.inputs, ...bindings.outputs }).length === 0,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    try {
      const session = bind(native, bindings, view, () => sessions.delete(session));
      sessions.add(session);
      return session;
    } catch (error) {
      await native.release();
      throw error;
    }
  };
  return {
    lanes: 1,
    createBuffer(name, values, { givenUp = false } = {}) {
      const copied = (): Float32Array =>
        typeof values === 'number' ? new Float32Array(values) : values.slice();
      buffers.set(name, givenUp && typeof values !== 'number' ? values : copied());
      return Promise.resolve();
    },
    dropBuffer(name) {
      buffers.delete(name);
      return Promise.resolve();
    },
    // An error must reject, not throw at the caller.
    readBuffer: (name) => new Promise((resolve) => resolve(bufferOf(name).slice())),
    compile,
    compileParallel: (model) => compile(model),
    async close() {
      await Promise.all([...sessions].map((session) => session.close()));
      buffers.clear();
    },
  };
}

function bind(
  native: InferenceSession,
  bindings: Bindings,
  view: (name: string, slice: BufferSlice) => OrtTensor,
  closed: () => void,
): Session {
  const views = (slices: Readonly<Record<string, BufferSlice>> = {}): Record<string, OrtTensor> =>
    Object.fromEntries(Object.entries(slices).map(([name, slice]) => [name, view(name, slice)]));
  const boundInputs = views(bindings.inputs);
  const boundOutputs = views(bindings.outputs);
  const inputNames = native.inputNames.filter((name) => !(name in boundInputs));
  const inPlace = native.outputMetadata[0]?.isTensor === false;
  const outputNames = native.outputMetadata
    .filter(({ name, isTensor }) => isTensor && !(name in boundOutputs))
    .map(({ name }) => name);
  const fetches: Record<string, OrtTensor | null> = Object.fromEntries(
    native.outputMetadata.map((output) => {
      const place = boundOutputs[output.name] ?? (inPlace ? placeOf(output) : null);
      return [output.name, place];
    }),
  );
  return {
    inputNames,
    outputNames,
    async run(feeds: Feeds): Promise<Results> {
      checkNames(feeds, inputNames);
      const fed = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
      const all = { ...boundInputs, ...fed };
      if (!inPlace) {
        const results = await native.run(all, fetches);
        return Object.fromEntries(outputNames.map((name) => [name, fromOrt(results[name])]));
      }
      await runInPlace(native, all, fetches);
      return Object.fromEntries(
        outputNames.map((name) => {
          const { dtype, dims, data } = fromOrt(fetches[name]!);
          return [name, { dtype, dims, data: data.slice() }];
        }),
      );
    },
    async close() {
      closed();
      await native.release();
    },
  };
}

/** A tensor for an output of a model whose first output is no tensor (`firstOutput` of `writeOnnx`). */
function placeOf(output: InferenceSession.ValueMetadata): OrtTensor | null {
  if (!output.isTensor) return null;
  const dims = output.shape.filter((dim) => typeof dim === 'number');
  if (output.type !== 'float32' || dims.length < output.shape.length)
    throw new TypeError(`output ${output.name}: expected float32 with every side a number`);
  return new OrtTensor('float32', new Float32Array(elementCount(dims)), dims);
}

/**
 * ONNX Runtime copies every output into a new array once more, those written in place too: for a training step all
 * parameters and moments. A first output that is no tensor makes it stop before, when everything is in its place.
 */
async function runInPlace(
  native: InferenceSession,
  feeds: Readonly<Record<string, OrtTensor>>,
  fetches: Readonly<Record<string, OrtTensor | null>>,
): Promise<void> {
  try {
    await native.run(feeds, fetches);
  } catch (error) {
    if (!messageOf(error).startsWith('Non tensor type')) throw error;
  }
}

function checkNames(feeds: Feeds, expected: readonly string[]): void {
  const missing = expected.filter((name) => feeds[name] === undefined);
  const unknown = Object.keys(feeds).filter((name) => !expected.includes(name));
  if (missing.length > 0) throw new TypeError(`run: input ${missing.join(', ')} is missing`);
  if (unknown.length > 0) {
    throw new TypeError(`run: unknown input ${unknown.join(', ')}, expected ${expected.join(', ')}`);
  }
}

function toOrt({ dtype, dims, data }: Tensor): OrtTensor {
  return new OrtTensor(dtype, data, dims);
}

function fromOrt({ type, dims, data }: OrtTensor): Tensor {
  if (type !== 'float32' && type !== 'uint8' && type !== 'int64' && type !== 'bool') {
    throw new TypeError(`run: a result of type ${type} cannot be read`);
  }
  // ONNX Runtime types `data` by `type`, which TypeScript does not connect across the two unions.
  return { dtype: type, dims, data: data as Tensor['data'] };
}
