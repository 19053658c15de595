// A watch of real photos: trains on some magnetic tiles, then lets photos of other tiles arrive one by one, first as they
// are, then darkened; one photo a tile, of an exposure drawn for it. Prints after how many the watch warned of drift.
//   node bench/watch-tiles.mjs DATA [--preset tiny] [--train 85] [--good 30] [--light 0.8] [--seed 1] [--keep DIR]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { readCsv } from '../dist/cli/watch/csv.js';
import { groupBy, openDataset } from '../dist/data/index.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'tiny' },
    train: { type: 'string', default: '85' },
    good: { type: 'string', default: '30' },
    light: { type: 'string', default: '0.8' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
  },
});
const csflow = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const work = options.keep ?? mkdtempSync(join(tmpdir(), 'watch-tiles-'));
const [data, photos, model, csv] = ['data', 'photos', 'tiles.onnx', 'verdicts.csv'].map((name) =>
  join(work, name),
);
const random = new NumpyRandom(Number(options.seed));

const { images } = await openDataset(positionals[0]);
const tiles = groupBy(
  images.filter(({ label }) => label === 'good'),
  ({ group }) => group,
);
const drawn = random.shuffle([...tiles]);
const learned = drawn.slice(0, Number(options.train));
const arriving = drawn.slice(learned.length).map(([, of]) => of[random.integerUpTo(of.length - 1)].path);
const good = Number(options.good);

mkdirSync(join(data, 'train', 'good'), { recursive: true });
mkdirSync(photos, { recursive: true });
for (const [tile, of] of learned) {
  for (const [i, { path }] of of.entries()) await copy(path, join(data, 'train', 'good', `${tile}_${i}.jpg`));
}
const started = performance.now();
execFileSync(
  process.execPath,
  [
    csflow,
    'train',
    data,
    '--out',
    model,
    '--group',
    '^tile-\\d+',
    '--preset',
    options.preset,
    '--seed',
    '1',
    '--quiet',
  ],
  { stdio: 'inherit' },
);
console.log(`trained on ${learned.length} tiles in ${Math.round((performance.now() - started) / 1000)} s`);

const watch = spawn(process.execPath, [csflow, 'predict', model, '--watch', photos, '--csv', csv], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
process.once('exit', () => watch.kill());
const closed = once(watch, 'close');
let said = '';
watch.stderr.setEncoding('utf8').on('data', (text) => {
  said += text;
  process.stdout.write(text);
});
while (!said.includes('watching ')) await delay(50);

for (const [i, path] of arriving.entries()) {
  const target = join(photos, `${String(i + 1).padStart(3, '0')}${i < good ? '' : '-dark'}.jpg`);
  await copy(path, `${target}.part`, i < good ? 1 : Number(options.light));
  renameSync(`${target}.part`, target);
  while (rows().length < i + 1) await delay(20);
}
watch.kill('SIGINT');
await closed;

const verdicts = rows();
const rejected = (of) => of.filter(({ verdict }) => verdict === 'defective').length;
const alarm = verdicts.findIndex(({ drift_alarm: drift }) => drift !== '');
console.log(`${good} photos as they are: ${rejected(verdicts.slice(0, good))} rejected`);
console.log(
  `${verdicts.length - good} at light ${options.light}: ${rejected(verdicts.slice(good))} rejected`,
);
console.log(
  alarm < 0
    ? `no warning; evidence at the end ${verdicts.at(-1).drift_evidence}`
    : `warning (${verdicts[alarm].drift_alarm}) at photo ${alarm + 1}: ${alarm + 1 - good} after the change`,
);
if (options.keep === undefined) rmSync(work, { recursive: true });

/** Coded once more whether darkened or not, so that the light is all that changes. */
async function copy(path, target, light = 1) {
  await sharp(path).linear(light).jpeg({ quality: 95 }).toFile(target);
}

function rows() {
  if (!existsSync(csv)) return [];
  const [columns = [], ...records] = readCsv(readFileSync(csv)).records;
  return records.map((fields) => Object.fromEntries(fields.map((field, i) => [columns[i], field])));
}
