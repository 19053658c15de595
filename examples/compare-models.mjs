// Trains NICE, RealNVP and Glow on drawn data and reports the log-likelihood of data they have not seen.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createWorkerDevice, densityModule, trainDensity } from 'csflow';
import { openDensity } from 'csflow/flow';

/** What both examples take: --steps, --out, --json, and --peer with a Python that has FrEIA. */
export function readOptions(defaults) {
  const { values } = parseArgs({
    options: {
      steps: { type: 'string', default: String(defaults.steps) },
      out: { type: 'string', default: defaults.out },
      json: { type: 'boolean', default: false },
      peer: { type: 'string' },
    },
  });
  return { ...values, steps: Number(values.steps) };
}

// Models as small as these are faster on one thread than on several.
const threads = 1;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * One row a model: log-likelihood of the held-out samples in nats, bits per dimension, seconds of training.
 * `models` gives each name its model and its options, which the peer builds the same structure from.
 */
export async function compareModels({ models, train, heldOut, batch, learningRate, steps, peer, drawn }) {
  const device = createWorkerDevice({ threads });
  const rows = [];
  for (const [name, { model, options }] of Object.entries(models)) {
    const start = performance.now();
    let said = start;
    const values = await trainDensity(model, train, {
      device,
      steps,
      batch,
      schedule: { kind: 'one-cycle', learningRate, warmUp: 0.1 },
      onStep(step, loss) {
        if (performance.now() - said < 5000) return;
        said = performance.now();
        const left = ((said - start) / 1000 / step) * (steps - step);
        process.stderr.write(
          `${name}: step ${step} of ${steps}, loss ${loss.toFixed(3)}, ${left.toFixed(0)} s left\n`,
        );
      },
    });
    const seconds = (performance.now() - start) / 1000;
    const density = await openDensity(densityModule(model, values), [model.sampleDims], device);
    const parameters = [...values.values()].reduce((sum, value) => sum + value.length, 0);
    const [samples] = await density.sample(drawn, { seed: 1 });
    rows.push({
      name,
      parameters,
      log_likelihood: mean(await density.logProb([heldOut])),
      bits_per_dimension: mean(await density.bitsPerDimension([heldOut])),
      seconds,
      samples,
      options,
    });
    await density.close();
  }
  await device.close();
  if (peer === undefined) return rows;
  const theirs = runPeer(peer, {
    train,
    heldOut,
    batch,
    learningRate,
    steps,
    threads,
    models: rows.map(({ name, options }) => ({ name, ...options })),
  });
  return rows.map((row, i) => {
    if (theirs[i].parameters !== row.parameters) {
      throw new Error(
        `${row.name}: expected the same structure, got ${row.parameters} parameters and ${theirs[i].parameters} in FrEIA`,
      );
    }
    return { ...row, freia: theirs[i] };
  });
}

/** The same structures in FrEIA, trained on the same samples with as many steps. */
function runPeer(python, { train, heldOut, ...settings }) {
  const folder = mkdtempSync(join(tmpdir(), 'csflow-freia-'));
  try {
    const file = join(folder, 'task.json');
    const plain = ({ dims, data }) => ({ dims, data: [...data] });
    writeFileSync(file, JSON.stringify({ ...settings, train: plain(train), held_out: plain(heldOut) }));
    const script = fileURLToPath(new URL('../bench/freia_density.py', import.meta.url));
    const run = spawnSync(python, [script, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (run.status !== 0)
      throw new Error(`${python} ${script}: ended with ${run.status}; it needs torch and FrEIA`);
    return JSON.parse(run.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rows as a table, or as one JSON object. */
export function report(rows, { json, out }) {
  if (json) {
    const bare = rows.map((row) => ({ ...row, samples: undefined, options: undefined }));
    console.log(JSON.stringify({ picture: out, models: bare }));
    return;
  }
  for (const { name, parameters, log_likelihood, seconds, freia } of rows) {
    const own = `${name.padEnd(8)} ${String(parameters).padStart(7)} parameters  log-likelihood ${log_likelihood.toFixed(3)} nats  ${seconds.toFixed(1)} s`;
    const peer =
      freia &&
      `   FrEIA: ${freia.parameters} parameters  ${freia.log_likelihood.toFixed(3)} nats  ${freia.seconds.toFixed(1)} s`;
    console.log(peer ? own + peer : own);
  }
  console.log(`samples  ${out}`);
}
