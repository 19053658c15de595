// Draws docs/growth.png: how the time of a training step grows with batch, map and hidden width, with a fitted law.
//   node bench/growth.mjs REPORT.json [--out docs/growth.png]
// REPORT.json is what `csflow bench --rows none --growth --json` prints.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const {
  values: options,
  positionals: [file],
} = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: 'docs/growth.png' } },
});
const { growth } = JSON.parse(readFileSync(file, 'utf8'));
const { base, points } = growth;
const names = { batch: 'batch', side: 'side of the map', hidden: 'hidden channels' };

const panel = { width: 320, height: 240, left: 56, top: 34, right: 14, bottom: 46 };
const inner = {
  width: panel.width - panel.left - panel.right,
  height: panel.height - panel.top - panel.bottom,
};
const seconds = points.map((point) => point.seconds);
const [low, high] = [Math.min(...seconds) / 1.5, Math.max(...seconds) * 1.5];
const tickSeconds = [0.01, 0.03, 0.1, 0.3, 1, 3, 10].filter((tick) => tick > low && tick < high);
const y = (value) => panel.top + (Math.log(high / value) / Math.log(high / low)) * inner.height;

/** Numbers below a panel, those left out that would touch the one before. */
function ticks(values, x) {
  let end = -Infinity;
  return values.map((value) => {
    const [at, half] = [x(value), 4 * String(value).length];
    if (at - half < end) return '';
    end = at + half;
    return `<text x="${at}" y="${panel.height - panel.bottom + 18}" text-anchor="middle">${value}</text>`;
  });
}

const panels = Object.entries(names).map(([varied, name], index) => {
  const own = points.filter((point) => point.varied === varied);
  const values = own.map(({ value }) => value);
  const [first, last] = [values[0], values.at(-1)];
  const x = (value) => panel.left + (Math.log(value / first) / Math.log(last / first)) * inner.width;
  const line = own.map((point) => `${x(point.value)},${y(point.law_s)}`).join(' ');
  const grid = tickSeconds.map(
    (tick) =>
      `<line x1="${panel.left}" x2="${panel.width - panel.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#ddd"/>` +
      `<text x="${panel.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick} s</text>`,
  );
  const dots = own.map(
    (point) => `<circle cx="${x(point.value)}" cy="${y(point.seconds)}" r="3.5" fill="#1f5a8a"/>`,
  );
  const title = `<text x="${panel.width / 2}" y="20" text-anchor="middle" font-size="13">${name}</text>`;
  const law = `<polyline points="${line}" fill="none" stroke="#c8553d" stroke-width="1.5"/>`;
  const parts = [title, ...grid, law, ...dots, ...ticks(values, x)].join('');
  return `<g transform="translate(${index * panel.width},0)">${parts}</g>`;
});
const [width, height] = [3 * panel.width, panel.height + 20];
const fixed = `C ${base.channels}, map ${base.side}×${base.side}, hidden ${base.hidden}, batch ${base.batch}`;
const legend =
  `<circle cx="20" cy="${height - 14}" r="3.5" fill="#1f5a8a"/><text x="30" y="${height - 10}">measured</text>` +
  `<line x1="100" x2="124" y1="${height - 14}" y2="${height - 14}" stroke="#c8553d" stroke-width="1.5"/>` +
  `<text x="130" y="${height - 10}">fitted law; where not varied: ${fixed}</text>`;
const svg =
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">` +
  `<rect width="100%" height="100%" fill="white"/>${panels.join('')}${legend}</svg>`;
writeFileSync(options.out, await sharp(Buffer.from(svg)).png().toBuffer());
