// NICE, RealNVP and Glow on two moons.
//   node examples/two-moons.mjs [--steps 2000] [--out two-moons.png] [--peer PYTHON] [--json]
// PYTHON is one with torch and FrEIA; then each model's twin in FrEIA is trained beside it.
import { floatTensor, NumpyRandom } from 'csflow';
import { glow, nice, realNvp } from 'csflow/flow';
import { compareModels, readOptions, report } from './compare-models.mjs';
import { writeScatter } from './plot.mjs';

/** n points on two interleaved half circles, with a little noise. */
function twoMoons(n, seed) {
  const random = new NumpyRandom(seed);
  const data = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const angle = Math.PI * random.uniform();
    const upper = i % 2 === 0;
    data[2 * i] = (upper ? Math.cos(angle) : 1 - Math.cos(angle)) + 0.07 * random.normal();
    data[2 * i + 1] = (upper ? Math.sin(angle) : 0.5 - Math.sin(angle)) + 0.07 * random.normal();
  }
  return floatTensor([n, 2], data);
}

const options = readOptions({ steps: 2000, out: 'two-moons.png' });
const structure = { steps: 8, hidden: 64, clamp: 2 };
const heldOut = twoMoons(5000, 2);
const rows = await compareModels({
  models: {
    NICE: { model: nice([2], structure), options: { kind: 'nice', ...structure } },
    RealNVP: { model: realNvp([2], structure), options: { kind: 'real-nvp', ...structure } },
    Glow: { model: glow([2], structure), options: { kind: 'glow', ...structure } },
  },
  train: twoMoons(5000, 1),
  heldOut,
  batch: 250,
  learningRate: 2e-3,
  steps: options.steps,
  peer: options.peer,
  drawn: 2000,
});
const shown = floatTensor([2000, 2], heldOut.data.slice(0, 4000));
const panels = [{ title: 'held-out data', samples: shown }].concat(
  rows.map(({ name, log_likelihood, samples }) => ({
    title: `${name}: ${log_likelihood.toFixed(2)} nats`,
    samples,
  })),
);
await writeScatter(options.out, panels, { x: [-1.5, 2.5], y: [-1.5, 2] });
report(rows, options);
