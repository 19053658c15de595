import { listSupportedBackends } from 'onnxruntime-node';
import { messageOf } from '../errors.js';
import { input, matMul, writeOnnx } from '../graph/index.js';
import { floatTensor } from '../tensor/tensor.js';
import type { BackendTrial } from './choose-backend.node.js';
import { createLocalDevice } from './local-device.node.js';
import { valuesOf, type Backend } from './session.js';

/** A process of its own that runs a tiny program on the backend its argument names, and says whether it works. */
async function trial(backend: Backend): Promise<Pick<BackendTrial, 'works' | 'reason'>> {
  try {
    const device = createLocalDevice({ backend, threads: 1 });
    const session = await device.compile(writeOnnx({ y: matMul(input('a', [1, 2]), input('b', [2, 1])) }));
    const feeds = { a: floatTensor([1, 2], [3, 4]), b: floatTensor([2, 1], [5, 6]) };
    const [y] = valuesOf(await session.run(feeds), 'y', 'float32');
    await device.close();
    return y === 39 ? { works: true } : { works: false, reason: `3·5 + 4·6 came out as ${y}` };
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
