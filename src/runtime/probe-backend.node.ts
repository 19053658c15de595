import { listSupportedBackends } from 'onnxruntime-node';
import { messageOf } from '../errors.js';
import type { BackendTrial } from './choose-backend.node.js';
import { createLocalDevice } from './local-device.node.js';
import { probeDevice } from './probe.js';
import type { Backend } from './session.js';

/**
 * A process of its own that runs a training step in little on the backend its argument names, and says whether the CPU
 * comes to the same.
 */
async function trial(backend: Backend): Promise<Pick<BackendTrial, 'works' | 'reason'>> {
  try {
    const device = createLocalDevice({ backend, threads: 1 });
    const trusted = createLocalDevice({ backend: 'cpu', threads: 1 });
    const reason = await probeDevice(device, trusted);
    await device.close();
    await trusted.close();
    return { works: reason === undefined, reason };
  } catch (error) {
    return { works: false, reason: shortened(messageOf(error)) };
  }
}

/** The runtime's message without the place in its source. */
function shortened(message: string): string {
  const [line] = message.split('\n', 1);
  return line.replace(/^.*\bwas false\. /, '').slice(0, 200);
}

const listed = listSupportedBackends().map(({ name, bundled }) =>
  bundled ? name : `${name} (its library not included)`,
);
const result: BackendTrial = { ...(await trial(process.argv[2] as Backend)), listed };
process.stdout.write(`${JSON.stringify(result)}\n`);
