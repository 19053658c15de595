// One training step and inference of CS-Flow beside PyTorch, in processes that take turns.
//   node bench/training-step.mjs --peer PYTHON [--channels 192 --map 12x12 --hidden 64 --batch 16] [--rounds 5]
// PYTHON is one with torch and numpy installed. Run `npm run build` first.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string' },
    channels: { type: 'string', default: '192' },
    map: { type: 'string', default: '12x12' },
    hidden: { type: 'string', default: '64' },
    batch: { type: 'string', default: '16' },
    threads: { type: 'string', default: String(cpus().length) },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const shape = ['--channels', options.channels, '--hidden', options.hidden, '--batch', options.batch];
const [height, width] = options.map.split('x');

function measured(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const ours = [];
const theirs = [];
for (let round = 0; round < Number(options.rounds); round++) {
  const own = [path('csflow-step.mjs'), ...shape, '--map', options.map, '--threads', options.threads];
  ours.push(measured(process.execPath, own));
  if (options.peer === undefined) continue;
  const peer = [
    path('peer_torch.py'),
    ...shape,
    '--map',
    height,
    width,
    '--threads',
    options.threads,
    '--repeat',
    '5',
  ];
  theirs.push(measured(options.peer, peer));
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const rows = [
  ['training step', 'train_step_s'],
  ['inference, batch 1', 'infer_batch1_s'],
  ['inference, batch', 'infer_batch_s'],
].map(([name, key]) => {
  const csflow = median(ours.map((run) => run[key].median));
  const torch = theirs.length > 0 ? median(theirs.map((run) => run[key].median)) : undefined;
  const ratio =
    theirs.length > 0 ? median(theirs.map((run, i) => run[key].median / ours[i][key].median)) : undefined;
  return { name, csflow_seconds: csflow, torch_seconds: torch, ratio };
});
const report = { ...options, rows, csflow_peak_rss: median(ours.map((run) => run.peak_rss_bytes)) };
if (theirs.length > 0) report.torch_peak_rss = median(theirs.map((run) => run.peak_rss_bytes));
if (options.json) console.log(JSON.stringify(report));
else {
  console.log(
    `C ${options.channels}, map ${options.map}, hidden ${options.hidden}, batch ${options.batch}, ${options.threads} threads`,
  );
  for (const { name, csflow_seconds, torch_seconds, ratio } of rows) {
    const peer =
      torch_seconds === undefined
        ? ''
        : `  torch ${(torch_seconds * 1e3).toFixed(1)} ms  ratio ${ratio.toFixed(2)}`;
    console.log(`${name.padEnd(20)} csflow ${(csflow_seconds * 1e3).toFixed(1)} ms${peer}`);
  }
}
