// Whole pictures against tiles: trains both on the good pictures of a data set, its parts (folders) divided into folds of
// which each is test once, and prints the image AUROC as the mean over folds. Of tiles both ways to join scores are measured.
//   node bench/tiles.mjs DATA --whole HxW [--tile HxW[,HxW…]] [--preset small] [--seeds 1,2,3] [--folds 5]
// Run `npm run build` first.
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBackboneWeights } from '../dist/backbone/weights.node.js';
import { FeatureCache, openDataset } from '../dist/data/index.js';
import { imageMetrics } from '../dist/evaluation/index.js';
import { scoreUnseen } from '../dist/inspector/calibrate-flow.js';
import { extractFeatures } from '../dist/inspector/extract-features.node.js';
import { fitFlow, joinFeatures, samplesIn } from '../dist/inspector/fit-flow.node.js';
import { epochsFor, resolveSettings } from '../dist/inspector/settings.js';
import { createWorkerDevice } from '../dist/runtime/worker-device.node.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'small' },
    whole: { type: 'string' },
    tile: { type: 'string', default: '' },
    seeds: { type: 'string', default: '1,2,3' },
    folds: { type: 'string', default: '5' },
  },
});
const sides = (text) => text.split('x').map(Number);
const common = { preset: options.preset, recipe: 'default' };
const ways = [
  { name: `whole at ${options.whole}`, choices: { size: sides(options.whole) }, joins: [undefined] },
  ...options.tile
    .split(',')
    .filter((tile) => tile !== '')
    .map((tile) => ({
      name: `tiles of ${tile}`,
      choices: { tile: sides(tile) },
      joins: ['maximum', 'mean'],
    })),
];
const seeds = options.seeds.split(',').map(Number);
const folds = Number(options.folds);
// csflow's own division must leave no picture out.
const dataset = await openDataset(positionals[0], { split: 'random' });
const partOf = (image) => basename(dirname(image.path));
const parts = [...new Set(dataset.images.map(partOf))].sort();
const device = createWorkerDevice();
const cache = new FeatureCache();

console.log('| | mean over folds, of each seed | seconds a training |\n| --- | --- | --- |');
for (const { name, choices, joins } of ways) {
  const settings = resolveSettings({ ...common, ...choices });
  const weights = await loadBackboneWeights(settings.backbone.name);
  const { features } = await extractFeatures(dataset.images, { ...settings, weights, device, cache });
  const found = joins.map(() => seeds.map(() => []));
  const took = [];
  for (const [s, seed] of seeds.entries()) {
    for (let fold = 0; fold < folds; fold++) {
      const isTested = ({ image }) => parts.indexOf(partOf(image)) % folds === fold;
      const learned = features.filter((one) => !isTested(one) && one.image.label === 'good');
      const tested = features.filter(isTested);
      const start = performance.now();
      const epochs = epochsFor(settings, samplesIn(learned));
      const { flow } = await fitFlow(learned, { settings, epochs, seed, device, fingerprint: '' });
      took.push((performance.now() - start) / 1000);
      const samples = { features: joinFeatures(tested, settings), pictures: tested };
      const defective = tested.map(({ image }) => image.label === 'defective');
      for (const [j, join] of joins.entries()) {
        const view = join === undefined ? settings.view : { ...settings.view, score: join };
        const choice = { combination: 'finest', size: settings.size };
        const { scores } = await scoreUnseen(flow, samples, choice, { view }, 16, device);
        found[j][s].push(imageMetrics(scores, defective).auroc);
      }
    }
  }
  for (const [j, join] of joins.entries()) {
    const means = found[j].map((of) => of.reduce((sum, auroc) => sum + auroc, 0) / of.length);
    const seconds = took.reduce((sum, one) => sum + one, 0) / took.length;
    const shown = means.map((mean) => mean.toFixed(3)).join(', ');
    console.log(`| ${name}${join === undefined ? '' : `, ${join}`} | ${shown} | ${seconds.toFixed(0)} |`);
  }
}
await device.close();
