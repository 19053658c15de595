// NICE, RealNVP and Glow on drawn pictures of 8×8 pixels.
//   node examples/small-pictures.mjs [--steps 1500] [--out small-pictures.png] [--peer PYTHON] [--json]
// PYTHON is one with torch and FrEIA; then each model's twin in FrEIA is trained beside it.
import { floatTensor, NumpyRandom } from 'csflow';
import { glow, nice, realNvp } from 'csflow/flow';
import { compareModels, readOptions, report } from './compare-models.mjs';
import { writeGrid } from './plot.mjs';

const side = 8;

/** n grey pictures [n, 1, 8, 8]: a bright ring or bar somewhere on a dark ground, with noise. */
function pictures(n, seed) {
  const random = new NumpyRandom(seed);
  const data = new Float32Array(n * side * side);
  for (let k = 0; k < n; k++) {
    const [x, y] = [2.5 + 2 * random.uniform(), 2.5 + 2 * random.uniform()];
    const angle = Math.PI * random.uniform();
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const radius = 1.5 + random.uniform();
    for (let i = 0; i < side * side; i++) {
      const [dx, dy] = [(i % side) - x, Math.floor(i / side) - y];
      const distance = k % 2 === 0 ? Math.abs(Math.hypot(dx, dy) - radius) : Math.abs(dx * sin - dy * cos);
      data[k * side * side + i] = 0.15 + 0.7 * Math.exp(-((distance / 0.7) ** 2)) + 0.03 * random.normal();
    }
  }
  return floatTensor([n, 1, side, side], data);
}

const options = readOptions({ steps: 1500, out: 'small-pictures.png' });
const structure = { steps: 4, hidden: 32, clamp: 2, levels: 2 };
const heldOut = pictures(2000, 2);
const rows = await compareModels({
  models: {
    NICE: { model: nice([1, side, side], structure), options: { kind: 'nice', ...structure } },
    RealNVP: { model: realNvp([1, side, side], structure), options: { kind: 'real-nvp', ...structure } },
    Glow: { model: glow([1, side, side], structure), options: { kind: 'glow', ...structure } },
  },
  train: pictures(8000, 1),
  heldOut,
  batch: 128,
  learningRate: 2e-3,
  steps: options.steps,
  peer: options.peer,
  drawn: 64,
});
const shown = floatTensor([64, 1, side, side], heldOut.data.slice(0, 64 * side * side));
await writeGrid(
  options.out,
  [{ title: 'held-out data', samples: shown }].concat(
    rows.map(({ name, log_likelihood, samples }) => ({
      title: `${name}: ${log_likelihood.toFixed(1)} nats`,
      samples,
    })),
  ),
);
report(rows, options);
