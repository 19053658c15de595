import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { elementCount, type Tensor } from '../tensor/tensor.js';
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
    const native = await InferenceSession.create(model, {
      executionProviders: [backend],
      intraOpNumThreads: threads,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    const session = bind(native, bindings, view, () => sessions.delete(session));
    sessions.add(session);
    return session;
  };
  return {
    lanes: 1,
    createBuffer(name, values) {
      buffers.set(name, typeof values === 'number' ? new Float32Array(values) : values.slice());
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
  const outputNames = native.outputNames.filter((name) => !(name in boundOutputs));
  const fetches: Record<string, OrtTensor | null> = Object.fromEntries(
    native.outputNames.map((name) => [name, boundOutputs[name] ?? null]),
  );
  return {
    inputNames,
    outputNames,
    async run(feeds: Feeds): Promise<Results> {
      checkNames(feeds, inputNames);
      const fed = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
      const results = await native.run({ ...boundInputs, ...fed }, fetches);
      return Object.fromEntries(outputNames.map((name) => [name, fromOrt(results[name])]));
    },
    async close() {
      closed();
      await native.release();
    },
  };
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
