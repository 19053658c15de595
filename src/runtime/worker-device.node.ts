import { availableParallelism } from 'node:os';
import { collectBefore } from './collect-garbage.node.js';
import type { Device, DeviceOptions, Session } from './session.js';
import { startWorkerThread, type WorkerThread } from './worker-thread.node.js';
import type { CompiledSession } from './worker-protocol.js';

/** More lanes would cost memory before they bring anything: each holds the weights and its own intermediate maps. */
const mostLanes = 8;

/**
 * ONNX Runtime's native library in a thread of its own: the caller's event loop stays free, and buffers live in
 * that thread, so that the state of a training is never copied between steps.
 */
export function createWorkerDevice(options: DeviceOptions = {}): Device {
  const threads = options.threads ?? availableParallelism();
  const main = startWorkerThread({ ...options, threads });
  // A GPU is one for all.
  const lanes = (options.backend ?? 'cpu') === 'cpu' ? Math.min(threads, mostLanes) : 1;
  let laneThreads: readonly WorkerThread[] | undefined;
  // Cores that work apart need not wait for each other after every operation.
  const startLanes = (): readonly WorkerThread[] => {
    if (lanes === 1) return [main];
    const threadsOf = (lane: number): number => Math.floor((threads + lanes - 1 - lane) / lanes);
    return Array.from({ length: lanes }, (_, lane) =>
      startWorkerThread({ ...options, threads: threadsOf(lane) }),
    );
  };

  return {
    lanes,
    async createBuffer(name, values, { givenUp = false } = {}) {
      if (typeof values === 'number') return void (await main.ask({ kind: 'createBuffer', name, values }));
      const whole = values.byteLength === values.buffer.byteLength;
      const moved = givenUp && whole ? [values.buffer as ArrayBuffer] : [];
      // A part would be sent with the whole array that it is a part of.
      await main.ask({ kind: 'createBuffer', name, values: whole ? values : values.slice() }, moved);
    },
    async dropBuffer(name) {
      await main.ask({ kind: 'dropBuffer', name });
    },
    readBuffer: (name) => main.ask({ kind: 'readBuffer', name }),
    async compile(model, bindings) {
      collectBefore(model);
      return sessionOver([main], [await main.ask({ kind: 'compile', model, bindings })]);
    },
    async compileParallel(model) {
      const threadsOfLanes = (laneThreads ??= startLanes());
      const tried = await Promise.allSettled(
        threadsOfLanes.map((lane) => lane.ask({ kind: 'compile', model, bindings: undefined })),
      );
      const compiled = tried.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const failed = tried.find((each) => each.status === 'rejected');
      if (failed === undefined) return sessionOver(threadsOfLanes, compiled);
      // What other lanes have compiled is of no use alone.
      await Promise.allSettled(
        tried.flatMap((each, i) =>
          each.status === 'fulfilled'
            ? [threadsOfLanes[i].ask({ kind: 'closeSession', session: each.value.session })]
            : [],
        ),
      );
      throw failed.reason as Error;
    },
    async close() {
      await Promise.all([main, ...(laneThreads ?? [])].map((thread) => thread.close()));
    },
  };
}

/** One program compiled in several threads; a run goes to the thread with the least to do. */
function sessionOver(threads: readonly WorkerThread[], compiled: readonly CompiledSession[]): Session {
  const [{ inputNames, outputNames }] = compiled;
  return {
    inputNames,
    outputNames,
    run(feeds) {
      let least = 0;
      threads.forEach(({ waiting }, i) => {
        if (waiting < threads[least].waiting) least = i;
      });
      return threads[least].ask({ kind: 'run', session: compiled[least].session, feeds });
    },
    async close() {
      await Promise.all(
        threads.map((thread, i) => thread.ask({ kind: 'closeSession', session: compiled[i].session })),
      );
    },
  };
}
