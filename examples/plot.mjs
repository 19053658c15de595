// Pictures of samples, drawn as SVG and written as PNG.
import { Buffer } from 'node:buffer';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';

const panel = 240;
const heading = 26;
const gap = 12;

/** One panel for each group of samples, side by side, with its title above. */
async function writePanels(path, panels, content) {
  const width = panels.length * (panel + gap) + gap;
  const height = panel + heading + gap;
  const drawn = panels.map(({ title, samples }, i) => {
    const left = gap + i * (panel + gap);
    return `<text x="${left + panel / 2}" y="18" text-anchor="middle" font-family="sans-serif" font-size="13">${title}</text>
<svg x="${left}" y="${heading}" width="${panel}" height="${panel}" viewBox="0 0 ${panel} ${panel}">
<rect width="${panel}" height="${panel}" fill="#f4f4f2"/>${content(samples)}</svg>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="white"/>${drawn.join('')}</svg>`;
  mkdirSync(dirname(path), { recursive: true });
  await sharp(Buffer.from(svg)).png().toFile(path);
}

/** Points [n, 2] within the given limits. */
export function writeScatter(path, panels, { x: [left, right], y: [low, high] }) {
  return writePanels(path, panels, (samples) => {
    const dots = [];
    for (let i = 0; i < samples.dims[0]; i++) {
      const cx = ((samples.data[2 * i] - left) / (right - left)) * panel;
      const cy = ((high - samples.data[2 * i + 1]) / (high - low)) * panel;
      dots.push(`<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="1.2"/>`);
    }
    return `<g fill="#1f5a8a" fill-opacity="0.5">${dots.join('')}</g>`;
  });
}

/** Grey pictures [n, 1, h, w] with values from 0 to 1, as many as fit a square grid. */
export function writeGrid(path, panels) {
  return writePanels(path, panels, ({ dims: [n, , h, w], data }) => {
    const columns = Math.floor(Math.sqrt(n));
    const cell = Math.floor(panel / columns);
    const dot = Math.floor((cell * 0.9) / Math.max(h, w));
    const pixels = [];
    for (let k = 0; k < columns * columns; k++)
      for (let i = 0; i < h * w; i++) {
        const grey = Math.round(255 * Math.min(1, Math.max(0, data[k * h * w + i])));
        const x = (k % columns) * cell + (i % w) * dot;
        const y = Math.floor(k / columns) * cell + Math.floor(i / w) * dot;
        pixels.push(
          `<rect x="${x}" y="${y}" width="${dot}" height="${dot}" fill="rgb(${grey},${grey},${grey})"/>`,
        );
      }
    return `<g shape-rendering="crispEdges">${pixels.join('')}</g>`;
  });
}
