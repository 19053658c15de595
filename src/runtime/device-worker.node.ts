import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.js';
import { createLocalDevice } from './local-device.node.js';
import type { Session } from './session.js';
import type { Answers, Envelope, Reply, Request, WorkerData } from './worker-protocol.js';

/** The thread behind `createWorkerDevice`: it holds the buffers and computes while the main thread stays free. */
const device = createLocalDevice(workerData as WorkerData);
const sessions = new Map<number, Session>();
let nextSession = 0;

function sessionOf(id: number): Session {
  const session = sessions.get(id);
  if (session === undefined) throw new TypeError('session: expected one that is still open');
  return session;
}

async function answer(request: Request): Promise<Answers[keyof Answers]> {
  switch (request.kind) {
    case 'createBuffer':
      await device.createBuffer(request.name, request.values, { givenUp: true });
      return undefined;
    case 'dropBuffer':
      await device.dropBuffer(request.name);
      return undefined;
    case 'readBuffer':
      return device.readBuffer(request.name);
    case 'compile': {
      const compiled = await device.compile(request.model, request.bindings);
      const session = nextSession++;
      sessions.set(session, compiled);
      return { session, inputNames: compiled.inputNames, outputNames: compiled.outputNames };
    }
    case 'run':
      return sessionOf(request.session).run(request.feeds);
    case 'closeSession':
      await sessionOf(request.session).close();
      sessions.delete(request.session);
      return undefined;
    case 'close':
      await device.close();
      return undefined;
  }
}

async function reply({ id, request }: Envelope): Promise<void> {
  let result: Reply;
  try {
    result = { id, ok: true, answer: await answer(request) };
  } catch (error) {
    result = { id, ok: false, message: messageOf(error) };
  }
  // A buffer that was read is a copy already: it moves instead of being copied once more.
  const moved =
    result.ok && result.answer instanceof Float32Array ? [result.answer.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(result, moved);
}

// One at a time and in order: ONNX Runtime already uses every core for a single run.
let queue = Promise.resolve();
parentPort?.on('message', (envelope: Envelope) => {
  queue = queue.then(() => reply(envelope));
});
