// CPU and wall time of a picture's features by one session of the network, over batches and threads.
//   node bench/backbone-batches.mjs [--size 240x289] [--rounds 7] [--json]
// EfficientNet-Lite0 at 384×384 on three scales, from drawn pixels of the size named; decoding is left out. Sessions take
// turns; a figure is the median over rounds. Run `npm run build` first.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { defaultBackbone, imageFeatures } from '../dist/backbone/index.js';
import { loadBackboneWeights } from '../dist/backbone/weights.node.js';
import { median } from '../dist/bench/statistics.js';
import { imageSize } from '../dist/cli/parse.js';
import { input, lower, writeOnnx } from '../dist/graph/index.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '240x289' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const [height, width] = imageSize(flags.size);
const cores = availableParallelism();
const batches = [1, 2, 4];
/** Pictures of a round, so that each batch goes through as many. */
const pictures = 8;
const spinning = (allowed) => ({ session: { intra_op: { allow_spinning: allowed ? '1' : '0' } } });
const sessions = [
  { name: `${cores} threads`, intraOpNumThreads: cores, extra: spinning(true) },
  {
    name: `${cores} threads that do not spin while they wait`,
    intraOpNumThreads: cores,
    extra: spinning(false),
  },
  { name: '1 thread', intraOpNumThreads: 1, extra: spinning(true) },
];

const { weights } = await loadBackboneWeights(defaultBackbone.name);
const image = input('image', ['N', 'H', 'W', 3], 'uint8');
const [f0, f1, f2] = imageFeatures(image, [384, 384], defaultBackbone, weights);
const model = writeOnnx(lower({ f0, f1, f2 }));
const random = new NumpyRandom(0);
const pixels = Uint8Array.from({ length: batches.at(-1) * height * width * 3 }, () => random.uniform() * 256);

const contenders = [];
for (const { name, ...settings } of sessions) {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...settings,
  });
  for (const batch of batches) {
    const data = pixels.subarray(0, batch * height * width * 3);
    const feeds = { image: new Tensor('uint8', data, [batch, height, width, 3]) };
    contenders.push({ name, batch, run: () => session.run(feeds), cpu: [], wall: [] });
  }
}
for (let round = 0; round <= Number(flags.rounds); round++) {
  for (const { batch, run, cpu, wall } of contenders) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    for (let i = 0; i < pictures / batch; i++) await run();
    const { user, system } = process.cpuUsage(before);
    if (round === 0) continue;
    cpu.push((user + system) / 1e3 / pictures);
    wall.push((performance.now() - start) / pictures);
  }
}

const report = contenders.map(({ name, batch, cpu, wall }) => ({
  session: name,
  batch,
  cpu_ms: median(cpu),
  wall_ms: median(wall),
}));
if (flags.json) console.log(JSON.stringify(report));
else {
  console.log(`| one session | ${batches.map((batch) => `batch ${batch}`).join(' | ')} |`);
  console.log(`| --- |${' --- |'.repeat(batches.length)}`);
  for (const { name } of sessions) {
    const cells = report
      .filter(({ session }) => session === name)
      .map(({ cpu_ms, wall_ms }) => `${cpu_ms.toFixed(0)} ms CPU, ${wall_ms.toFixed(0)} ms`);
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}
