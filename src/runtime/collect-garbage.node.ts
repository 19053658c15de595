import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of a model whose memory is worth the time of a full collection, some hundredths of a second. */
const much = 1 << 24;

let collect: (() => void) | undefined;

/**
 * Frees what nothing holds any more before native code takes memory for a large model: ONNX Runtime holds its constants
 * up to three times meanwhile, and the values that they were written from lie about as garbage.
 */
export function collectBefore(model: Uint8Array): void {
  if (model.byteLength < much) return;
  if (collect === undefined) {
    // Node hands the full collection out behind a flag only.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
}
