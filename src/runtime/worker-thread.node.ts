import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.js';
import { DeviceLost, type DeviceOptions } from './session.js';
import type { Answers, Envelope, Reply, Request } from './worker-protocol.js';

interface Pending {
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}

/** A computing thread: what is asked of it is answered in order. */
export interface WorkerThread {
  /**
   * @param moved buffers of the request that are handed over instead of copied
   * @throws DeviceLost once the thread has ended
   */
  ask<K extends Request['kind']>(
    request: Request & { readonly kind: K },
    moved?: readonly ArrayBuffer[],
  ): Promise<Answers[K]>;
  /** Requests not yet answered. */
  readonly waiting: number;
  close(): Promise<void>;
}

export function startWorkerThread(options: DeviceOptions): WorkerThread {
  const worker = new Worker(new URL('./device-worker.node.js', import.meta.url), { workerData: options });
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let ended: DeviceLost | undefined;

  const end = (reason: string): void => {
    ended ??= new DeviceLost(`the computing thread has ended (${reason})`);
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
  };
  worker.on('message', (reply: Reply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0) worker.unref();
    if (reply.ok) waiting?.resolve(reply.answer);
    else waiting?.reject(new Error(reply.message));
  });
  worker.on('error', (error) => end(messageOf(error)));
  worker.on('exit', (code) => end(`code ${code}`));
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
    ask,
    get waiting() {
      return pending.size;
    },
    async close() {
      if (ended !== undefined) return;
      await ask({ kind: 'close' });
      ended = new DeviceLost('the device is closed');
      await worker.terminate();
    },
  };
}
