// A model file run by csflow and by OpenVINO, from decoded pixels to scores, in processes that take turns; and
// `csflow predict` on the same files: pictures a second and the time to the first verdict.
//   node bench/predict.mjs --model FILE.onnx --data FOLDER [--peer PYTHON] [--images 200] [--rounds 5]
// PYTHON is one with openvino and numpy. Run `npm run build` first.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, pairedRatio } from '../dist/bench/statistics.js';
import { decodeImage } from '../dist/data/index.js';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    peer: { type: 'string' },
    images: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
  },
});
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'csflow-predict-'));
const pixels = join(folder, 'pixels');
const files = readdirSync(options.data, { recursive: true })
  .filter((name) => /\.jpe?g$/i.test(name))
  .sort()
  .slice(0, Number(options.images))
  .map((name) => join(options.data, name));
const sizes = [];
const out = openSync(`${pixels}.bin`, 'w');
for (const file of files) {
  const { width, height, data } = await decodeImage(file);
  sizes.push([height, width]);
  writeSync(out, data);
}
closeSync(out);
writeFileSync(`${pixels}.json`, JSON.stringify(sizes));

function measured(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
const own = () => measured(process.execPath, [path('predict-csflow.mjs'), options.model, pixels]);
const threads = String(availableParallelism());
const peer = (hint) =>
  measured(options.peer, [
    path('predict_openvino.py'),
    options.model,
    pixels,
    '--hint',
    hint,
    '--threads',
    threads,
  ]);

/** `csflow predict` as a user runs it: seconds from its start to each verdict. */
async function predict(pictures) {
  const start = performance.now();
  const args = [path('../dist/cli/main.js'), 'predict', options.model, ...pictures, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let first;
  child.stdout.on('data', () => (first ??= (performance.now() - start) / 1000));
  await once(child, 'close');
  const all = (performance.now() - start) / 1000;
  return { first, all, images_per_second: pictures.length / all };
}

const [ours, theirs, many, one] = [[], [], [], []];
let hint;
if (options.peer !== undefined) {
  const looks = ['latency', 'throughput'].map(peer);
  hint = looks[0].images_per_second > looks[1].images_per_second ? 'latency' : 'throughput';
}
for (let round = 0; round < Number(options.rounds); round++) {
  ours.push(own());
  if (hint !== undefined) theirs.push(peer(hint));
  many.push(await predict(files));
  one.push(await predict(files.slice(0, 1)));
}
rmSync(folder, { recursive: true });
const of = (runs, key) => median(runs.map((run) => run[key]));
const summary = (runs) => ({
  images_per_second: of(runs, 'images_per_second'),
  busy: of(runs, 'cpu_per_second') / availableParallelism(),
  cpu_ms_per_image: median(runs.map((run) => (1e3 * run.cpu_per_second) / run.images_per_second)),
  compile_seconds: of(runs, 'compile_seconds'),
});
const report = { images: files.length, threads, load: loadavg()[0], csflow: summary(ours) };
if (hint !== undefined) {
  const speeds = (runs) => runs.map((run) => run.images_per_second);
  report.openvino = { ...summary(theirs), version: theirs[0].peer, hint };
  report.ratio = pairedRatio(speeds(theirs), speeds(ours));
  const differences = ours[0].scores.map((score, i) => Math.abs(theirs[0].scores[i] / score - 1));
  report.largest_relative_difference_of_scores = Math.max(...differences);
}
report.predict = {
  images_per_second: of(many, 'images_per_second'),
  seconds_to_first_verdict: of(many, 'first'),
  seconds_of_one_picture_from_cold: of(one, 'all'),
};
console.log(JSON.stringify(report, null, 1));
