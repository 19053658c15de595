// Compares the ways to make one anomaly map of the scales' maps: trains on the good training pictures of each data set,
// then measures each way on its test pictures. With --folds all pictures are divided by part (their folder) so often anew,
// each part being test once, and the figures are means over the folds. Prints a table in Markdown.
//   node bench/map-combinations.mjs DATA… [--preset small] [--size HxW] [--seed 1] [--group REGEX] [--folds K]
//     [--model FILE.onnx] [--json FILE]
// A model is taken in place of a training; preset, size and seed are then its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBackboneWeights } from '../dist/backbone/weights.node.js';
import { mapCombinations } from '../dist/csflow/index.js';
import { decodeMask, FeatureCache, openDataset } from '../dist/data/index.js';
import { pixelMetrics } from '../dist/evaluation/index.js';
import { openScoring } from '../dist/inspector/detector-program.js';
import { extractFeatures } from '../dist/inspector/extract-features.node.js';
import { fitFlow, joinFeatures } from '../dist/inspector/fit-flow.node.js';
import { readModel } from '../dist/inspector/read-flow.js';
import { epochsFor, resolveSettings } from '../dist/inspector/settings.js';
import { createWorkerDevice } from '../dist/runtime/worker-device.node.js';
import { valuesOf } from '../dist/runtime/session.js';
import { feedsOf } from '../dist/training/index.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'small' },
    size: { type: 'string' },
    seed: { type: 'string', default: '1' },
    group: { type: 'string' },
    folds: { type: 'string' },
    model: { type: 'string' },
    json: { type: 'string' },
  },
});
const model = options.model && readModel(readFileSync(options.model), options.model);
const settings = resolveSettings({
  preset: options.preset,
  recipe: 'default',
  size: model?.metadata.configuration.size ?? options.size?.split('x').map(Number),
});
const folds = options.folds && Number(options.folds);
// With folds csflow's own division must leave no picture out.
const datasetOptions = folds
  ? { split: 'random' }
  : options.group && { groupPattern: new RegExp(options.group) };
const partOf = ({ image }) => basename(dirname(image.path));
const device = createWorkerDevice();
const cache = new FeatureCache();
const together = 16;

const rows = [];
for (const data of positionals) {
  const dataset = await openDataset(data, datasetOptions);
  const weights = await loadBackboneWeights(settings.backbone.name);
  const { features } = await extractFeatures(dataset.images, { ...settings, weights, device, cache });
  for (const { learned, tested } of divisionsOf(features)) {
    const flow = model?.flow ?? (await flowOf(learned));
    const masks = await Promise.all(tested.map(({ image }) => maskOf(image)));
    const samples = joinFeatures(tested, settings);
    for (const combination of mapCombinations) {
      const maps = await mapsOf(flow, combination, samples);
      const [height, width] = settings.size;
      const pictures = maps.map((map, i) => ({ map, mask: masks[i], height, width }));
      const { auroc, aupro30, aupro05 } = pixelMetrics(pictures);
      rows.push({ data: basename(data), combination, aupro30, aupro05, auroc });
      console.error(JSON.stringify(rows.at(-1)));
    }
  }
}
await device.close();
if (options.json) writeFileSync(options.json, JSON.stringify(rows, undefined, 2));
console.log(tableOf(rows));

/** What is learned from and what is tested, once as the data set says or once a fold of its parts. */
function divisionsOf(features) {
  if (!folds) {
    const of = (split) => features.filter(({ image }) => image.split === split);
    return [{ learned: of('train'), tested: of('test') }];
  }
  const parts = [...new Set(features.map(partOf))].sort();
  return Array.from({ length: folds }, (_, fold) => {
    const isTested = (one) => parts.indexOf(partOf(one)) % folds === fold;
    return {
      learned: features.filter((one) => !isTested(one) && one.image.label === 'good'),
      tested: features.filter(isTested),
    };
  });
}

async function flowOf(learned) {
  const { flow } = await fitFlow(learned, {
    settings,
    epochs: epochsFor(settings, learned.length),
    seed: Number(options.seed),
    device,
    fingerprint: '',
  });
  return flow;
}

async function mapsOf(flow, combination, features) {
  const choice = { combination, size: settings.size };
  const session = await openScoring(flow, choice, { view: settings.view }, together, device);
  const maps = [];
  for (let first = 0; first < features.count; first += together) {
    const indices = Array.from({ length: together }, (_, i) => Math.min(first + i, features.count - 1));
    const results = await session.run(feedsOf(features, indices, session.inputNames));
    const map = valuesOf(results, 'anomaly_map', 'float32');
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
