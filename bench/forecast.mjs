// What `csflow train --dry-run` says beforehand, beside what the training then takes.
//   node bench/forecast.mjs DATA [OPTIONS OF csflow train] [--epochs 2] …
// Prints one line of JSON: bytes and seconds. Two epochs or more, so that one can be timed. Forecasts again afterwards:
// where both forecasts of an epoch differ, the machine itself has changed its speed. Run `npm run build` first.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'csflow-forecast-'));
const [model, witness] = [join(folder, 'model.onnx'), join(folder, 'witness.json')];
const args = ['train', ...process.argv.slice(2), '--out', model, '--json'];

function csflow(more, before = []) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...before, path('../dist/cli/main.js'), ...args, ...more],
    { encoding: 'utf8', env: { ...process.env, CSFLOW_WITNESS: witness }, maxBuffer: 1 << 26 },
  );
  if (status !== 0) throw new Error(`csflow train ended with ${status}\n${stderr}`);
  return JSON.parse(stdout);
}

/** From the end of the first epoch on, since the first steps warm up. */
function secondsPerEpoch(steps, stepsPerEpoch) {
  const from = steps.findLast(({ epoch }) => epoch === 1) ?? steps[0];
  const to = steps.at(-1);
  return ((to.seconds - from.seconds) / (to.step - from.step)) * stepsPerEpoch;
}

const started = performance.now();
const forecast = csflow(['--dry-run']);
const dryRunSeconds = (performance.now() - started) / 1000;
const trained = csflow([], ['--import', path('forecast-witness.mjs')]);
/** The training may have taken the memory's last free part, or cached the features. */
function forecastAgain() {
  try {
    const { seconds_per_epoch, seconds_per_image, uncached_images } = csflow(['--dry-run']);
    return { seconds_per_epoch, seconds_per_image: uncached_images > 0 ? seconds_per_image : null };
  } catch (error) {
    return { failed: error.message };
  }
}
const again = forecastAgain();
const { peak, steps, features, firstFeature } = JSON.parse(readFileSync(witness, 'utf8'));
const compared = {
  peak_memory_bytes: [forecast.peak_memory_bytes, peak],
  model_bytes: [forecast.model_bytes, statSync(model).size],
  seconds_per_epoch: [forecast.seconds_per_epoch, secondsPerEpoch(steps, forecast.steps_per_epoch)],
  seconds: [forecast.seconds, trained.seconds],
  seconds_per_image: [
    forecast.seconds_per_image,
    features && (features.seconds - firstFeature.seconds) / (features.done - firstFeature.done),
  ],
};
rmSync(folder, { recursive: true });
const rows = Object.entries(compared).map(([name, [forecast, measured]]) => [
  name,
  { forecast, measured, ratio: forecast / measured },
]);
console.log(
  JSON.stringify({
    ...Object.fromEntries(rows),
    forecast_again: again,
    dry_run_seconds: dryRunSeconds,
  }),
);
