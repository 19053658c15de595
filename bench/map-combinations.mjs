// Compares the ways to make one anomaly map of the scales' maps: trains on each data set, then measures each way on its
// test pictures. Prints a table in Markdown.
//   node bench/map-combinations.mjs DATA… [--preset small] [--size HxW] [--seed 1] [--group REGEX] [--json FILE]
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBackboneWeights } from '../dist/backbone/weights.node.js';
import { mapCombinations, mapSizeAt, scales } from '../dist/csflow/index.js';
import { decodeMask, FeatureCache, openDataset } from '../dist/data/index.js';
import { pixelMetrics } from '../dist/evaluation/index.js';
import { openScoring } from '../dist/inspector/detector-program.js';
import { extractFeatures } from '../dist/inspector/extract-features.node.js';
import { resolveSettings } from '../dist/inspector/settings.js';
import { train } from '../dist/inspector/train.node.js';
import { createWorkerDevice } from '../dist/runtime/worker-device.node.js';
import { valuesOf } from '../dist/runtime/session.js';
import { featureSet, feedsOf } from '../dist/training/index.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'small' },
    size: { type: 'string' },
    seed: { type: 'string', default: '1' },
    group: { type: 'string' },
    json: { type: 'string' },
  },
});
const size = options.size?.split('x').map(Number);
const choices = { preset: options.preset, recipe: 'default', size };
const settings = resolveSettings(choices);
const datasetOptions = options.group && { groupPattern: new RegExp(options.group) };
const device = createWorkerDevice();
const cache = new FeatureCache();
const together = 16;

const rows = [];
for (const data of positionals) {
  const { flow } = await train({
    ...choices,
    data,
    dataset: datasetOptions,
    seed: Number(options.seed),
    device,
    cache,
  });
  const dataset = await openDataset(data, datasetOptions);
  const tested = dataset.images.filter(({ split }) => split === 'test');
  const weights = await loadBackboneWeights(settings.backbone.name);
  const extracted = await extractFeatures(tested, { ...settings, weights, device, cache });
  const features = featureSet(
    extracted.features.map(({ maps }) => maps),
    settings.configuration.channels,
    Array.from({ length: scales }, (_, s) => mapSizeAt(settings.configuration, s)),
  );
  const masks = await Promise.all(extracted.features.map(({ image }) => maskOf(image)));
  for (const combination of mapCombinations) {
    const maps = await mapsOf(flow, combination, features);
    const pictures = maps.map((map, i) => ({
      map,
      mask: masks[i],
      height: settings.size[0],
      width: settings.size[1],
    }));
    const { auroc, aupro30, aupro05 } = pixelMetrics(pictures);
    rows.push({ data: basename(data), combination, aupro30, aupro05, auroc });
    console.error(JSON.stringify(rows.at(-1)));
  }
}
await device.close();
if (options.json) writeFileSync(options.json, JSON.stringify(rows, undefined, 2));
console.log(tableOf(rows));

async function mapsOf(flow, combination, features) {
  const session = await openScoring(flow, { combination, size: settings.size }, together, device);
  const maps = [];
  for (let first = 0; first < features.count; first += together) {
    const indices = Array.from({ length: together }, (_, i) => Math.min(first + i, features.count - 1));
    const results = await session.run(feedsOf(features, indices, session.inputNames));
    const map = valuesOf(results, 'map', 'float32');
    const pixels = map.length / together;
    for (let i = 0; i < together && first + i < features.count; i++) {
      maps.push(map.slice(i * pixels, (i + 1) * pixels));
    }
  }
  await session.close();
  return maps;
}

/** The mask at the map's size, nearest neighbour; all zero for a good picture. */
async function maskOf({ label, maskPath }) {
  const [height, width] = settings.size;
  const resized = new Uint8Array(height * width);
  if (label === 'good') return resized;
  const mask = await decodeMask(maskPath);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x++) {
      resized[y * width + x] = mask.data[row + Math.floor(((x + 0.5) * mask.width) / width)];
    }
  }
  return resized;
}

/** A row for each data set, and the mean over them; AUPRO(0.3), AUPRO(0.05) and pixel AUROC of each combination. */
function tableOf(all) {
  const names = [...new Set(all.map(({ data }) => data))];
  const shown = (found) =>
    ['aupro30', 'aupro05', 'auroc']
      .map((figure) => found.reduce((sum, row) => sum + row[figure], 0) / found.length)
      .map((value) => value.toFixed(3))
      .join(' / ');
  const line = (name, of) =>
    `| ${name} | ${mapCombinations.map((way) => shown(of.filter(({ combination }) => combination === way))).join(' | ')} |`;
  return [
    `| data | ${mapCombinations.join(' | ')} |`,
    `| --- |${' --- |'.repeat(mapCombinations.length)}`,
    ...names.map((name) =>
      line(
        name,
        all.filter(({ data }) => data === name),
      ),
    ),
    ...(names.length > 1 ? [line('mean', all)] : []),
  ].join('\n');
}
