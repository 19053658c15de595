import type { Bindings, DeviceOptions, Feeds, Results } from './session.js';

/** What the main thread asks of the thread that computes; each request is answered once, under its id. */
export type Request =
  | { readonly kind: 'createBuffer'; readonly name: string; readonly values: Float32Array | number }
  | { readonly kind: 'dropBuffer'; readonly name: string }
  | { readonly kind: 'readBuffer'; readonly name: string }
  | { readonly kind: 'compile'; readonly model: Uint8Array; readonly bindings: Bindings | undefined }
  | { readonly kind: 'run'; readonly session: number; readonly feeds: Feeds }
  | { readonly kind: 'closeSession'; readonly session: number }
  | { readonly kind: 'close' };

export interface CompiledSession {
  readonly session: number;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** The answer to each kind of request. */
export interface Answers {
  readonly createBuffer: undefined;
  readonly dropBuffer: undefined;
  readonly readBuffer: Float32Array;
  readonly compile: CompiledSession;
  readonly run: Results;
  readonly closeSession: undefined;
  readonly close: undefined;
}

export type Envelope = { readonly id: number; readonly request: Request };

export type Reply =
  | { readonly id: number; readonly ok: true; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly ok: false; readonly message: string };

export type WorkerData = DeviceOptions;
