// How the time of a training step grows with batch, map and hidden width, with a fitted law.
//   node bench/growth.mjs [--out docs/growth.png] [--rounds 3] [--json]
// Run `npm run build` first. Each point is the median over rounds of a process of its own; points take turns.
import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { measureOwn } from '../dist/bench/own.js';
import { median } from '../dist/bench/statistics.js';

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/growth.png' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const base = { channels: 192, side: 12, hidden: 64, batch: 8 };
const sweeps = {
  batch: [1, 2, 4, 8, 16, 32],
  side: [4, 8, 12, 16, 24, 32],
  hidden: [16, 32, 64, 128, 256, 512],
};
const names = { batch: 'batch', side: 'side of the map', hidden: 'hidden channels' };
const points = Object.entries(sweeps).flatMap(([varied, values]) =>
  values.map((value) => ({ varied, value, shape: { ...base, [varied]: value }, runs: [] })),
);

const rounds = Number(options.rounds);
const start = performance.now();
let done = 0;
for (let round = 0; round < rounds; round++) {
  for (const point of points) {
    const { channels, side, hidden, batch } = point.shape;
    const row = { channels, mapSize: [side, side], hidden, batch, repeats: 1, runs: 3, inference: false };
    const request = { row, does: 'training', threads: availableParallelism(), backend: 'cpu' };
    const measured = await measureOwn(request);
    point.runs.push(measured.train_step_s.median);
    point.parameters = measured.parameters;
    done++;
    const left = ((performance.now() - start) / 1000 / done) * (rounds * points.length - done);
    process.stderr.write(
      `\r${done} of ${rounds * points.length}: ${point.varied} ${point.value}, ${left.toFixed(0)} s left   `,
    );
  }
}
process.stderr.write('\n');
for (const point of points) point.seconds = median(point.runs);

/** What a step's time is made of: one for the step itself, the parameters, the products, the passes over maps. */
const terms = ({ shape: { channels, side, hidden, batch }, parameters }) => {
  const area = batch * side * side;
  return [1, parameters, area * channels * hidden, area * (channels + hidden)];
};

/** Least squares of the relative errors, by the normal equations; a term that would be negative is left out. */
function fit(used) {
  const rows = points.map((point) => terms(point).map((term, i) => (used[i] ? term / point.seconds : 0)));
  const size = used.length;
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0)),
    rows.reduce((sum, row) => sum + row[i], 0),
  ]);
  for (let k = 0; k < size; k++) {
    if (!used[k]) continue;
    for (let i = 0; i < size; i++) {
      if (i === k || !used[i]) continue;
      const factor = matrix[i][k] / matrix[k][k];
      for (let j = 0; j <= size; j++) matrix[i][j] -= factor * matrix[k][j];
    }
  }
  const found = matrix.map((row, i) => (used[i] ? row[size] / row[i] : 0));
  const negative = found.findIndex((value) => value < 0);
  return negative < 0 ? found : fit(used.with(negative, false));
}
const law = fit([true, true, true, true]);
const predicted = (point) => terms(point).reduce((sum, term, i) => sum + term * law[i], 0);
const errors = points.map((point) => Math.abs(predicted(point) / point.seconds - 1));
/** Growth between the last two points: 1 is linear in what is varied. */
const exponents = Object.fromEntries(
  Object.keys(sweeps).map((varied) => {
    const [a, b] = points.filter((point) => point.varied === varied).slice(-2);
    return [varied, Math.log(b.seconds / a.seconds) / Math.log(b.value / a.value)];
  }),
);

const panel = { width: 300, height: 240, left: 56, top: 34, right: 14, bottom: 46 };
const [low, high] = [
  Math.min(...points.map(({ seconds }) => seconds)) / 1.5,
  Math.max(...points.map(({ seconds }) => seconds)) * 1.5,
];
const tickSeconds = [0.01, 0.03, 0.1, 0.3, 1, 3, 10].filter((tick) => tick > low && tick < high);
const drawn = Object.entries(sweeps).map(([varied, values], index) => {
  const own = points.filter((point) => point.varied === varied);
  const [first, last] = [values[0], values.at(-1)];
  const inner = panel.width - panel.left - panel.right;
  const x = (value) => panel.left + (Math.log(value / first) / Math.log(last / first)) * inner;
  const y = (seconds) =>
    panel.top + (Math.log(high / seconds) / Math.log(high / low)) * (panel.height - panel.top - panel.bottom);
  const line = own.map((point) => `${x(point.value)},${y(predicted(point))}`).join(' ');
  const grid = tickSeconds.map(
    (tick) =>
      `<line x1="${panel.left}" x2="${panel.width - panel.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#ddd"/><text x="${panel.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick} s</text>`,
  );
  const ticks = values.map(
    (value) =>
      `<text x="${x(value)}" y="${panel.height - panel.bottom + 18}" text-anchor="middle">${value}</text>`,
  );
  const dots = own.map(
    (point) => `<circle cx="${x(point.value)}" cy="${y(point.seconds)}" r="3.5" fill="#1f5a8a"/>`,
  );
  return `<g transform="translate(${index * panel.width},0)"><text x="${panel.width / 2}" y="20" text-anchor="middle" font-size="13">${names[varied]}</text>${grid.join('')}<polyline points="${line}" fill="none" stroke="#c8553d" stroke-width="1.5"/>${dots.join('')}${ticks.join('')}</g>`;
});
const width = 3 * panel.width;
const height = panel.height + 20;
const legend = `<circle cx="20" cy="${height - 14}" r="3.5" fill="#1f5a8a"/><text x="30" y="${height - 10}">measured</text><line x1="100" x2="124" y1="${height - 14}" y2="${height - 14}" stroke="#c8553d" stroke-width="1.5"/><text x="130" y="${height - 10}">fitted law; where not varied: C ${base.channels}, map ${base.side}×${base.side}, hidden ${base.hidden}, batch ${base.batch}</text>`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>${drawn.join('')}${legend}</svg>`;
writeFileSync(options.out, await sharp(Buffer.from(svg)).png().toBuffer());

const report = {
  points: points.map(({ varied, value, seconds }) => ({
    varied,
    value,
    seconds,
    law: predicted(points.find((point) => point.varied === varied && point.value === value)),
  })),
  law: { step: law[0], perParameter: law[1], perProduct: law[2], perValue: law[3] },
  largestError: Math.max(...errors),
  medianError: median(errors),
  exponents,
  picture: options.out,
};
if (options.json) console.log(JSON.stringify(report));
else {
  for (const { varied, value, seconds, law: fitted } of report.points)
    console.log(
      `${varied.padEnd(7)} ${String(value).padStart(4)}  ${(seconds * 1e3).toFixed(1).padStart(8)} ms  law ${(fitted * 1e3).toFixed(1)} ms`,
    );
  console.log(
    `seconds = ${law[0].toExponential(2)} + ${law[1].toExponential(2)} · parameters + batch · area · (${law[2].toExponential(2)} · C · hidden + ${law[3].toExponential(2)} · (C + hidden))`,
  );
  console.log(
    `median error ${(100 * report.medianError).toFixed(0)} %, largest ${(100 * report.largestError).toFixed(0)} %`,
  );
  console.log(
    `growth at the end: ${Object.entries(exponents)
      .map(([name, value]) => `${name}^${value.toFixed(2)}`)
      .join(', ')}`,
  );
}
