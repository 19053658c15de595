import { Worker } from 'node:worker_threads';
import type { Device, DeviceOptions } from './session.js';
import type { Answers, Envelope, Reply, Request } from './worker-protocol.js';

interface Pending {
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * ONNX Runtime's native library in a thread of its own: the caller's event loop stays free, and buffers live in
 * that thread, so that the state of a training is never copied between steps.
 */
export function createWorkerDevice(options: DeviceOptions = {}): Device {
  const worker = new Worker(new URL('./device-worker.node.js', import.meta.url), { workerData: options });
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let ended: Error | undefined;

  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('message', (reply: Reply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0) worker.unref();
    if (reply.ok) waiting?.resolve(reply.answer);
    else waiting?.reject(new Error(reply.message));
  });
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`the computing thread has ended (code ${code})`)));
  worker.unref();

  // The protocol ties each request to its answer's type, which a union cannot express without this cast.
  const ask = <K extends Request['kind']>(
    request: Request & { readonly kind: K },
    moved: readonly ArrayBuffer[] = [],
  ): Promise<Answers[K]> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      const id = nextId++;
      pending.set(id, { resolve: (answer) => resolve(answer as Answers[K]), reject });
      worker.ref();
      worker.postMessage({ id, request } satisfies Envelope, moved);
    });

  return {
    async createBuffer(name, values, { givenUp = false } = {}) {
      const whole = typeof values !== 'number' && values.byteLength === values.buffer.byteLength;
      const moved = givenUp && whole ? [values.buffer as ArrayBuffer] : [];
      await ask({ kind: 'createBuffer', name, values }, moved);
    },
    readBuffer: (name) => ask({ kind: 'readBuffer', name }),
    async compile(model, bindings) {
      const { session, inputNames, outputNames } = await ask({ kind: 'compile', model, bindings });
      return {
        inputNames,
        outputNames,
        run: (feeds) => ask({ kind: 'run', session, feeds }),
        async close() {
          await ask({ kind: 'closeSession', session });
        },
      };
    },
    async close() {
      if (ended !== undefined) return;
      await ask({ kind: 'close' });
      ended = new Error('the device is closed');
      await worker.terminate();
    },
  };
}
