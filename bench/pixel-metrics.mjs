// Exact pixel metrics of drawn anomaly maps: seconds and peak memory, each way in a process of its own.
//   node bench/pixel-metrics.mjs [--images 200] [--side 1024] [--defective 0.5] [--area 0.03] [--json]
// Run `npm run build` first. `evaluate` is the thread that csflow evaluate hands its maps to, one by one, and makes
// confidence intervals too; `twice` is pixelMetricsByClass, which goes through the pictures twice. Drawing the pictures
// is timed apart and not counted.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measurePixels } from '../dist/evaluation/measure-pixels.node.js';
import { pixelMetricsByClass } from '../dist/evaluation/index.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';

const { values: options } = parseArgs({
  options: {
    images: { type: 'string', default: '200' },
    side: { type: 'string', default: '1024' },
    defective: { type: 'string', default: '0.5' },
    area: { type: 'string', default: '0.03' },
    way: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const images = Number(options.images);
const side = Number(options.side);
const size = side * side;
const defects = Math.round(images * Number(options.defective));
const area = Number(options.area);
const classes = ['crack', 'dent', 'stain'];

if (options.way === undefined) {
  const rows = ['evaluate', 'twice'].map((way) => {
    const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--way', way, '--json'];
    const { status, stdout } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (status !== 0) process.exit(1);
    return JSON.parse(stdout.toString());
  });
  if (options.json) console.log(JSON.stringify(rows));
  else {
    console.log(
      `${images} maps of ${side} × ${side}, ${defects} of them with defects on ${100 * area} % of it`,
    );
    for (const { way, seconds, drawing, cpu_seconds, peak_memory, metrics } of rows) {
      console.log(
        `${way.padEnd(8)}  ${seconds.toFixed(1)} s, drawing besides ${drawing.toFixed(1)} s, ${cpu_seconds.toFixed(1)} s of a core in all, peak ${(peak_memory / 1e9).toFixed(2)} GB, ` +
          `pixel AUROC ${metrics.auroc.toFixed(6)}, AUPRO(0.3) ${metrics.aupro30.toFixed(6)}, ${metrics.regions} regions`,
      );
    }
  }
} else {
  let drawing = 0;
  const random = new NumpyRandom(1);
  const noise = Float32Array.from({ length: size }, () => random.normal());

  /** Four squares on a defective picture; scores that hardly repeat, and that overlap. */
  const draw = (index) => {
    const start = performance.now();
    const of = new NumpyRandom(index + 2);
    const [scale, offset, shift] = [1 + of.uniform() / 4, of.uniform() / 4, of.integerUpTo(size - 1)];
    const map = new Float32Array(size);
    for (let i = 0; i < size - shift; i++) map[i] = offset + scale * noise[i + shift];
    for (let i = size - shift; i < size; i++) map[i] = offset + scale * noise[i + shift - size];
    const picture = { map, height: side, width: side };
    if (index < defects) {
      picture.mask = new Uint8Array(size);
      picture.defectClass = classes[index % classes.length];
      const length = Math.max(1, Math.round(Math.sqrt((area * size) / 4)));
      for (let square = 0; square < 4; square++) {
        const [left, top] = [of.integerUpTo(side - length), of.integerUpTo(side - length)];
        for (let y = top; y < top + length; y++) {
          for (let x = left; x < left + length; x++) {
            if (picture.mask[y * side + x] === 0) map[y * side + x] += 2;
            picture.mask[y * side + x] = 1;
          }
        }
      }
    }
    drawing += (performance.now() - start) / 1000;
    return picture;
  };
  const pictures = {
    *[Symbol.iterator]() {
      for (let i = 0; i < images; i++) yield draw(i);
    },
  };

  const start = performance.now();
  const used = process.cpuUsage();
  let metrics;
  if (options.way === 'twice') metrics = pixelMetricsByClass(pictures);
  else {
    const measurement = measurePixels();
    for (const picture of pictures) await measurement.add(picture);
    metrics = await measurement.finish(undefined, {});
    await measurement.close();
  }
  const seconds = (performance.now() - start) / 1000 - drawing;
  const { user, system } = process.cpuUsage(used);
  const cpu = (user + system) / 1e6;
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(
    JSON.stringify({
      way: options.way,
      images,
      side,
      seconds,
      drawing,
      cpu_seconds: cpu,
      peak_memory: peak,
      metrics: metrics.all,
    }),
  );
}
