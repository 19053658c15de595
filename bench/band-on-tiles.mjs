// Whether the band of the false-reject rate holds on real parts: calibrates on the good pictures of a data set, its parts
// held out once (split) or in turn (cross), and counts the good test pictures rejected. Prints a table in Markdown.
//   node bench/band-on-tiles.mjs DATA [--preset tiny] [--size 256x256] [--seeds 1,2,3,4,5] [--rate 0.01,0.05,0.1]
// Run `npm run build` first.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDataset } from '../dist/data/index.js';
import { calibrate } from '../dist/evaluation/index.js';
import { createWorkerDevice, decodeImage, openInspector } from '../dist/index.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'tiny' },
    size: { type: 'string', default: '256x256' },
    seeds: { type: 'string', default: '1,2,3,4,5' },
    rate: { type: 'string', default: '0.01,0.05,0.1' },
  },
});
const [data] = positionals;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'csflow-band-'));
const model = join(folder, 'model.onnx');
const { images } = await openDataset(data);
const fresh = images.filter(({ split, label }) => split === 'test' && label === 'good');
const percent = (share) => `${Number((100 * share).toPrecision(3))} %`;

console.log(
  '| calibration | seed | asked | enough parts | band | good test pictures rejected | of the band |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const method of ['split', 'cross']) {
  for (const seed of options.seeds.split(',')) {
    const settings = ['--preset', options.preset, '--size', options.size, '--seed', seed];
    const args = ['train', data, '--out', model, ...settings, '--calibrate', method, '--quiet'];
    execFileSync(process.execPath, [main, ...args], { stdio: 'ignore' });
    const device = createWorkerDevice();
    const inspector = await openInspector(readFileSync(model), device, model);
    const scores = [];
    for (const { path } of fresh) scores.push((await inspector.inspect(await decodeImage(path))).score);
    await device.close();
    const { calibration } = inspector.metadata;
    for (const rate of options.rate.split(',').map(Number)) {
      const { threshold, enough, band } = calibrate(calibration.scores, rate, calibration.groups);
      const rejected = fresh.filter((_, i) => scores[i] > threshold);
      const parts = new Set(rejected.map(({ group }) => group)).size;
      const share = rejected.length / fresh.length;
      const place = share < band.low ? 'below' : share > band.high ? 'above' : 'inside';
      console.log(
        `| ${method} | ${seed} | ${percent(rate)} | ${enough ? 'yes' : 'no'} | ${percent(band.low)} to ${percent(band.high)} | ` +
          `${rejected.length} of ${fresh.length} (${percent(share)}), of ${parts} parts | ${place} |`,
      );
    }
  }
}
rmSync(folder, { recursive: true });
