import type { Tensor, TensorData, Dtype } from '../tensor/tensor.js';

/** A view of a buffer that lives where the programs run: `length` floats from `offset`. */
export interface BufferSlice {
  readonly buffer: string;
  readonly offset: number;
  readonly dims: readonly number[];
}

/** Which inputs are read from, and which outputs are written to, buffers that stay in place between runs. */
export interface Bindings {
  readonly inputs?: Readonly<Record<string, BufferSlice>>;
  readonly outputs?: Readonly<Record<string, BufferSlice>>;
}

export type Feeds = Readonly<Record<string, Tensor>>;
export type Results = Readonly<Record<string, Tensor>>;

/** A compiled program. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs once. Bound inputs are not fed and bound outputs are not returned.
   * @throws TypeError naming an input that is missing, unknown or of the wrong type
   */
  run(feeds: Feeds): Promise<Results>;
  close(): Promise<void>;
}

/** Where ONNX Runtime computes. */
export const backends = ['cpu', 'webgpu', 'cuda'] as const;
export type Backend = (typeof backends)[number];

export const backendChoices = [...backends, 'auto'] as const;
export type BackendChoice = (typeof backendChoices)[number];

export interface DeviceOptions {
  /** Default: cpu. What it lacks for an operation falls back to the CPU. */
  readonly backend?: Backend;
  /** Threads of one operation; default: all cores. */
  readonly threads?: number;
}

export interface BufferOptions {
  /** Whether the caller does not use `values` any more, so that they need not be copied; default false. */
  readonly givenUp?: boolean;
}

/** The device is gone, or closed: whatever else is asked of it fails likewise. */
export class DeviceLost extends Error {
  override readonly name = 'DeviceLost';
}

/** A place where programs run and buffers live. Close it when done: its memory is not the garbage collector's. */
export interface Device {
  /** Runs of a `compileParallel` session that go on side by side; keep a few more under way, so that none waits. */
  readonly lanes: number;
  /** A buffer of float32, filled with `values` or zeros. */
  createBuffer(name: string, values: Float32Array | number, options?: BufferOptions): Promise<void>;
  /** Frees a buffer; sessions that are bound to it keep it until they are closed. */
  dropBuffer(name: string): Promise<void>;
  readBuffer(name: string): Promise<Float32Array>;
  /** Compiles the bytes of an ONNX model. */
  compile(model: Uint8Array, bindings?: Bindings): Promise<Session>;
  /** As `compile`, for many independent runs: fewer threads for each, more of them at once where the device can. */
  compileParallel(model: Uint8Array): Promise<Session>;
  close(): Promise<void>;
}

/** The values of a result; a missing one or one of another type is an error that names it. */
export function valuesOf<D extends Dtype>(results: Results, name: string, dtype: D): TensorData[D] {
  const tensor = results[name];
  if (tensor === undefined)
    throw new TypeError(`output ${name}: not among ${Object.keys(results).join(', ')}`);
  if (tensor.dtype !== dtype) throw new TypeError(`output ${name}: expected ${dtype}, got ${tensor.dtype}`);
  return tensor.data as TensorData[D];
}
