import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** Bytes of a model whose memory is worth the time of a full collection, some hundredths of a second. */
const much = 1 << 24;

let collect: (() => void) | undefined;

/**
 * Frees what nothing holds any more before native code takes memory for a large model: ONNX Runtime holds its constants
 * up to three times meanwhile, and the values that they were written from lie about as garbage. Models are written in
 * the main thread; others, which share its flags, have nothing to collect.
 */
export function collectBefore(model: Uint8Array): void {
  if (model.byteLength < much || !isMainThread) return;
  collect ??= exposedCollection();
  collect();
}

/** Node hands the full collection out behind a flag only. */
function exposedCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('globalThis.gc') as (() => void) | undefined;
  setFlagsFromString('--no-expose-gc');
  // A collection saves memory; that there is none fails nobody.
  return gc ?? (() => undefined);
}
