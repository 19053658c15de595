// What few good pictures are worth: trains on so many drawn parts, drawn anew a few times, and evaluates on parts of their
// own; then goes on from an earlier model with twice the pictures, beside starting anew. Prints tables in Markdown.
//   node bench/few-images.mjs [--sizes 10,20,50] [--draws 3] [--preset tiny] [--size 256x256] [--keep DIR]
// Run `npm run build` first.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,20,50' },
    draws: { type: 'string', default: '3' },
    preset: { type: 'string', default: 'tiny' },
    size: { type: 'string', default: '256x256' },
    keep: { type: 'string' },
  },
});
const sizes = options.sizes.split(',').map(Number);
const draws = Number(options.draws);
const settings = ['--preset', options.preset, '--size', options.size];
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'csflow-few-images-'));
const all = join(folder, 'parts');
const largest = 2 * Math.max(...sizes);

function csflow(...args) {
  const stdout = execFileSync(process.execPath, [main, ...args, '--json', '--quiet'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(stdout.toString());
}

csflow('sample-data', all, '--train', String(4 * largest), '--test', '100', '--defects', '30');
const photos = readdirSync(join(all, 'train', 'good')).sort();

/** A data set with some of the training pictures and all test pictures. */
function withPhotos(name, chosen) {
  const set = join(folder, name);
  for (const photo of chosen) {
    cpSync(join(all, 'train', 'good', photo), join(set, 'train', 'good', photo), { recursive: true });
  }
  cpSync(join(all, 'test'), join(set, 'test'), { recursive: true });
  return set;
}

function shuffled(draw) {
  const random = new NumpyRandom(draw);
  const left = [...photos];
  return photos.map(() => left.splice(random.integerUpTo(left.length - 1), 1)[0]);
}

function trained(set, model, ...how) {
  const start = performance.now();
  const { warnings } = csflow('train', set, '--out', model, ...how);
  const seconds = (performance.now() - start) / 1000;
  const { image_auroc, false_reject_rate, recall } = csflow('evaluate', model, set);
  return { seconds, auroc: image_auroc, rejected: 100 * false_reject_rate, found: 100 * recall, warnings };
}

const range = (rows, of, digits) => {
  const values = rows.map(of);
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  return low === high ? low : `${low} to ${high}`;
};
const line = (name, rows) =>
  `| ${name} | ${range(rows, ({ auroc }) => auroc, 3)} | ${range(rows, ({ rejected }) => rejected, 1)} % | ${range(rows, ({ found }) => found, 0)} % | ${range(rows, ({ seconds }) => seconds, 0)} s |`;
const seeds = Array.from({ length: draws }, (_, draw) => draw + 1);

console.log(
  '| photos | AUROC | good parts rejected | defects found | training |\n| --- | --- | --- | --- | --- |',
);
for (const size of sizes) {
  const sets = seeds.map((seed) => ({
    seed: String(seed),
    set: withPhotos(`${size}-${seed}`, shuffled(seed).slice(0, size)),
  }));
  for (const method of ['split', 'cross']) {
    const rows = sets.map(({ seed, set }) =>
      trained(set, join(folder, 'model.onnx'), ...settings, '--seed', seed, '--calibrate', method),
    );
    console.log(line(`${size}, ${method}`, rows));
    console.error(JSON.stringify(rows));
  }
}

console.log(
  '\n| | AUROC | good parts rejected | defects found | training |\n| --- | --- | --- | --- | --- |',
);
const ways = { earlier: [], anew: [], on: [] };
for (const seed of seeds) {
  const chosen = shuffled(seed).slice(0, largest);
  const few = withPhotos(`earlier-${seed}`, chosen.slice(0, largest / 2));
  const more = withPhotos(`later-${seed}`, chosen);
  const earlier = join(folder, 'earlier.onnx');
  const drawn = ['--seed', String(seed)];
  ways.earlier.push(trained(few, earlier, ...settings, ...drawn));
  ways.anew.push(trained(more, join(folder, 'anew.onnx'), ...settings, ...drawn));
  ways.on.push(trained(more, join(folder, 'on.onnx'), '--from', earlier, ...drawn));
}
console.log(line(`${largest / 2} photos`, ways.earlier));
console.log(line(`${largest} photos, anew`, ways.anew));
console.log(line(`${largest} photos, on from ${largest / 2}`, ways.on));
if (options.keep === undefined) rmSync(folder, { recursive: true });
