// From picture files to features: csflow beside PyTorch, in processes that take turns.
//   node bench/features.mjs --data FOLDER [--peer PYTHON] [--images 128] [--rounds 5] [--peer-threads N]
// PYTHON is one with torch, numpy and pillow. Run `npm run build` first.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, pairedRatio } from '../dist/bench/statistics.js';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    peer: { type: 'string' },
    images: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '5' },
    'peer-threads': { type: 'string', default: String(availableParallelism()) },
  },
});
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const threads = availableParallelism();
const folder = mkdtempSync(join(tmpdir(), 'csflow-features-'));
const list = join(folder, 'list.json');
const pictures = readdirSync(options.data, { recursive: true })
  .filter((name) => /\.jpe?g$/i.test(name))
  .sort()
  .slice(0, Number(options.images))
  .map((name) => join(options.data, name));
writeFileSync(list, JSON.stringify(pictures));

function measured(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
const own = () => measured(process.execPath, [path('features-csflow.mjs'), list]);
function peer({ mode, batch, workers }, files = list) {
  const numbers = { batch, workers, threads: options['peer-threads'] };
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const weights = path('../models/efficientnet-lite0.safetensors');
  return measured(options.peer, [
    path('features_torch.py'),
    weights,
    files,
    ...args,
    '--mode',
    mode,
    '--check',
    'y',
  ]);
}

/** A first look at some of the pictures: one thing after the other, its best kept. */
function bestSettings() {
  const few = join(folder, 'few.json');
  writeFileSync(few, JSON.stringify(pictures.slice(0, 64)));
  let best = { mode: 'channels_last', batch: 4, workers: 1, images_per_second: 0 };
  for (const [name, choices] of Object.entries({
    mode: ['eager', 'channels_last', 'compile'],
    batch: [1, 4, 8, 16],
    workers: [0, 1, 2],
  })) {
    for (const choice of choices) {
      const settings = { ...best, [name]: choice };
      try {
        const { images_per_second } = peer(settings, few);
        if (images_per_second > best.images_per_second) best = { ...settings, images_per_second };
      } catch (error) {
        console.error(`${name} ${choice} left out: ${String(error).trim().split('\n').at(-1)}`);
      }
    }
  }
  return best;
}

const settings = options.peer === undefined ? undefined : bestSettings();
const [ours, theirs] = [[], []];
for (let round = 0; round < Number(options.rounds); round++) {
  ours.push(own());
  if (settings !== undefined) theirs.push(peer(settings));
}
rmSync(folder, { recursive: true });
const summary = (runs) => ({
  images_per_second: median(runs.map((run) => run.images_per_second)),
  busy: median(runs.map((run) => run.cpu_per_second)) / threads,
  cpu_ms_per_image: median(runs.map((run) => (1e3 * run.cpu_per_second) / run.images_per_second)),
});
const report = { images: pictures.length, threads, load: loadavg()[0], csflow: summary(ours) };
if (settings !== undefined) {
  const { mode, batch, workers } = settings;
  const speeds = (runs) => runs.map((run) => run.images_per_second);
  report.torch = { ...summary(theirs), mode, batch, workers };
  report.ratio = pairedRatio(speeds(theirs), speeds(ours));
  report.moments = { csflow: ours[0].moments, torch: theirs[0].moments };
}
console.log(JSON.stringify(report, null, 1));
