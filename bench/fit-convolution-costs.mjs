// Measures single convolutions (forward and both gradients) by kn2row and with one tile after the other, fits what the
// lowering takes as their costs, and says how often the cheapest by these costs is as good as the best. Of an upsampled map
// alone: in a flow its tiles share transforms with those of the map it is added to, which the lowering counts in.
//   node bench/fit-convolution-costs.mjs [--rounds 4] [--all-tiles] [--json]
// Run `npm run build` first. CPU time of one thread, so that a busy machine does little harm; a minute, all tiles
// three. The direct convolution is measured beside the tiles. Inputs are transformed once more for the weights' gradient, as
// training does.
import { parseArgs } from 'node:util';
import { median } from '../dist/bench/statistics.js';
import * as g from '../dist/graph/index.js';
import { transposed } from '../dist/graph/matrix.js';
import { possibleTiles } from '../dist/graph/lowering/axis-tiling.js';
import {
  cheapestTiles,
  convolutionCosts,
  costOf,
  kn2rowWork,
  tileWork,
} from '../dist/graph/lowering/convolution-cost.js';
import { linearInterpolation } from '../dist/csflow/interpolation.js';
import { createLocalDevice } from '../dist/runtime/local-device.node.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';
import { floatTensor } from '../dist/tensor/tensor.js';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    'all-tiles': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
/** Seconds of CPU time that a tile is given in each round, at least. */
const turn = 0.012;
const device = createLocalDevice({ threads: 1 });

/** Layers of the flows that `csflow bench` measures, and some in between: batch, side, channels, kernel, stride, upsampled. */
const layers = [
  ...[12, 6].flatMap((side) => [
    [16, side, 96, 64, 3, 1],
    [16, side, 64, 192, 3, 1],
    [16, side, 64, 192, 3, 2],
    [16, side, 64, 192, 5, 1],
    [16, side, 64, 192, 5, 2],
  ]),
  [16, 3, 64, 192, 3, 1],
  [16, 3, 96, 64, 5, 1],
  [16, 16, 96, 128, 3, 1],
  [16, 8, 128, 192, 5, 1],
  [16, 16, 128, 192, 3, 2],
  [16, 8, 152, 256, 3, 1],
  [16, 8, 256, 304, 3, 1],
  [16, 8, 256, 304, 3, 2],
  [16, 4, 256, 304, 5, 1],
  [16, 2, 256, 304, 3, 1],
  [8, 24, 152, 128, 3, 1],
  [8, 24, 128, 304, 3, 2],
  [8, 12, 128, 304, 5, 1],
  [8, 12, 128, 304, 3, 1],
  [8, 6, 128, 304, 3, 1],
  [4, 12, 192, 304, 3, 1],
  [4, 6, 304, 304, 3, 1],
  [4, 6, 1024, 304, 3, 1],
  [4, 12, 1024, 304, 3, 2],
  [16, 12, 64, 192, 3, 1, true],
  [16, 6, 64, 192, 3, 1, true],
  [16, 6, 64, 192, 5, 1, true],
  [16, 16, 128, 192, 3, 1, true],
  [16, 8, 128, 192, 5, 1, true],
  [16, 8, 256, 304, 3, 1, true],
  [16, 4, 256, 304, 3, 1, true],
  [16, 4, 256, 304, 5, 1, true],
  [8, 24, 128, 304, 3, 1, true],
  [8, 12, 128, 304, 3, 1, true],
  [8, 12, 128, 304, 5, 1, true],
  [4, 24, 1024, 304, 3, 1, true],
  [4, 12, 1024, 304, 3, 1, true],
  [4, 12, 1024, 304, 5, 1, true],
].map(([batch, side, inputs, outputs, taps, stride, upsampled = false]) => {
  const before = Math.floor(taps / 2);
  const outputLength = Math.floor((side + 2 * before - taps) / stride) + 1;
  const upsampling = upsampled ? { upsampling: linearInterpolation(side / 2, side) } : {};
  const axis = { length: side, outputLength, taps, stride, before, ...upsampling };
  return { axis, sides: { batch, inputs, outputs } };
});

/** Square tiles, those one longer across, and what the lowering takes. */
function tilesOf({ axis, sides }) {
  const possible = possibleTiles(axis);
  if (flags['all-tiles']) return possible.flatMap((m) => possible.map((n) => [m, n]));
  const near = possible.flatMap((m) => [[m, m], ...(possible.includes(m + 1) ? [[m, m + 1]] : [])]);
  const chosen = cheapestTiles(axis, axis, sides);
  return near.some((tile) => tile.join() === chosen.join()) ? near : [...near, chosen];
}

/** The three products with their transforms; sums of squares as results, so that nothing large leaves the session. */
function programOf({ axis: { length, outputLength, taps, stride, before, upsampling }, sides }) {
  const pads = [before, before, before, before];
  const geometry = { strides: [stride, stride], pads, groups: 1, layout: 'HWNC' };
  const side = upsampling?.columns ?? length;
  const input = g.input('x', [side, side, sides.batch, sides.inputs]);
  const x = upsampling === undefined ? input : g.spatialMap(input, 0, upsampling, upsampling);
  const w = g.input('w', [taps, taps, sides.inputs, sides.outputs]);
  const dy = g.input('dy', [outputLength, outputLength, sides.batch, sides.outputs]);
  const dx = g.convInputGradient(dy, w, geometry, x.type.dims);
  const back = upsampling && transposed(upsampling);
  const results = {
    y: g.conv(x, w, undefined, geometry),
    dx: upsampling === undefined ? dx : g.spatialMap(dx, 0, back, back),
    dw: g.convWeightGradient(x, dy, geometry, w.type.dims),
  };
  const random = new NumpyRandom(0);
  const feeds = [input, w, dy].map(({ attributes: { name }, type: { dims } }) => {
    const length = dims.reduce((a, b) => a * b);
    return [
      name,
      floatTensor(
        dims,
        Float32Array.from({ length }, () => random.uniform() - 0.5),
      ),
    ];
  });
  const sums = Object.entries(results).map(([name, node]) => [
    name,
    g.reduceSumSquare(node, g.allAxes(node)),
  ]);
  return { program: Object.fromEntries(sums), feeds: Object.fromEntries(feeds) };
}

async function cpuSeconds(run, runs) {
  const start = process.cpuUsage();
  for (let i = 0; i < runs; i++) await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6 / runs;
}

/** Seconds of each tile, the least of several rounds in which the tiles take turns. */
async function measure(layer) {
  const { program, feeds } = programOf(layer);
  const contenders = [];
  const choices = ['direct', 'kn2row', ...tilesOf(layer).map((tile) => ({ winograd: tile }))];
  for (const convolution of choices) {
    const lowered = g.lower(program, { convolution });
    const session = await device.compile(g.writeOnnx(lowered));
    const run = () => session.run(feeds);
    await run();
    const once = await cpuSeconds(run, 1);
    contenders.push({
      tile: convolution.winograd ?? [convolution],
      session,
      run,
      runs: Math.max(1, Math.ceil(turn / once)),
      seconds: Infinity,
    });
  }
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const each of contenders)
      each.seconds = Math.min(each.seconds, await cpuSeconds(each.run, each.runs));
  for (const { session } of contenders) await session.close();
  const [{ seconds: direct }, ...tiled] = contenders;
  return {
    direct,
    tiles: tiled.map(({ tile, seconds }) => ({
      tile,
      seconds,
      work:
        tile[0] === 'kn2row'
          ? kn2rowWork([layer.axis, layer.axis], layer.sides)
          : tileWork([layer.axis, layer.axis], tile, layer.sides),
    })),
  };
}

/** What a run takes whatever the tile: itself, and reading its inputs and results. */
function fixed({ axis: { length, outputLength, taps, upsampling }, sides: { batch, inputs, outputs } }) {
  const side = upsampling?.columns ?? length;
  return [1, batch * (side ** 2 * inputs + outputLength ** 2 * outputs) + taps ** 2 * inputs * outputs];
}

const names = ['products', 'data', 'weights', 'transformedKernel', 'kernelTaps'];

/** Least squares of the relative errors by the normal equations; a cost that would be negative is left out. */
function fit(rows, used) {
  const columns = [...used.keys()].filter((i) => used[i]);
  const scaled = rows.map(({ terms, seconds }) => columns.map((i) => terms[i] / seconds));
  const system = columns.map((_, i) => [
    ...columns.map((_, j) => scaled.reduce((sum, row) => sum + row[i] * row[j], 0)),
    scaled.reduce((sum, row) => sum + row[i], 0),
  ]);
  for (let k = 0; k < columns.length; k++)
    for (let i = 0; i < columns.length; i++) {
      if (i === k) continue;
      const factor = system[i][k] / system[k][k];
      system[i] = system[i].map((value, j) => value - factor * system[k][j]);
    }
  const found = used.map(() => 0);
  columns.forEach((column, i) => (found[column] = system[i].at(-1) / system[i][i]));
  const negative = found.findIndex((value) => value < 0);
  return negative < 0 ? found : fit(rows, used.with(negative, false));
}

/** How much longer than the best measured tile the one takes that costs least. */
function losses(measured, costs) {
  return measured.map(({ tiles }) => {
    const cost = tiles.map(({ work }) => costOf(work, costs));
    const chosen = tiles[cost.indexOf(Math.min(...cost))];
    return chosen.seconds / Math.min(...tiles.map(({ seconds }) => seconds)) - 1;
  });
}

const measured = [];
for (const layer of layers) {
  measured.push({ layer, ...(await measure(layer)) });
  process.stderr.write(`\r${measured.length} of ${layers.length} layers `);
}
process.stderr.write('\n');
await device.close();

const rowsOf = (some) =>
  some.flatMap(({ layer, tiles }) =>
    tiles.map(({ work, seconds }) => ({
      terms: [...names.map((name) => work[name]), ...fixed(layer)],
      seconds,
    })),
  );
const costsOf = (some) => {
  const found = fit(
    rowsOf(some),
    [...names, 'run', 'values'].map(() => true),
  );
  return {
    found,
    costs: Object.fromEntries(names.slice(1).map((name, i) => [name, found[i + 1] / found[0]])),
  };
};
const { found, costs: fitted } = costsOf(measured);
const errors = rowsOf(measured).map(({ terms, seconds }) =>
  Math.abs(terms.reduce((sum, term, i) => sum + term * found[i], 0) / seconds - 1),
);
/** Each layer by the costs that the others give: what the fit would choose for a layer it has not seen. */
const unseen = measured.flatMap((each, i) => losses([each], costsOf(measured.toSpliced(i, 1)).costs));
const judged = {
  present: losses(measured, convolutionCosts),
  fitted: losses(measured, fitted),
  'fitted to the others': unseen,
};

if (flags.json) console.log(JSON.stringify({ measured, fitted, present: convolutionCosts, judged }));
else {
  measured.forEach(({ layer: { axis, sides }, direct, tiles }, i) => {
    const best = tiles.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    const of = (costs) =>
      tiles.reduce((a, b) => (costOf(b.work, costs) < costOf(a.work, costs) ? b : a)).tile;
    const lost = [judged.present[i], judged.fitted[i]].map((loss) => `+${(100 * loss).toFixed(0)} %`);
    console.log(
      `${sides.batch}×${sides.inputs}→${sides.outputs}@${axis.length} kernel ${axis.taps} stride ${axis.stride}${axis.upsampling ? ' upsampled' : ''}`.padEnd(
        46,
      ) +
        `best ${best.tile.join('×')} ${(best.seconds * 1e3).toFixed(2)} ms  present ${of(convolutionCosts).join('×')} ${lost[0]}  fitted ${of(fitted).join('×')} ${lost[1]}  direct ${(direct / best.seconds).toFixed(2)} times the best`,
    );
  });
  const show = (costs) =>
    names
      .slice(1)
      .map((name) => `${name} ${costs[name].toFixed(1)}`)
      .join(', ');
  console.log(`present costs: ${show(convolutionCosts)}\nfitted costs:  ${show(fitted)}`);
  console.log(
    `${(1e-9 / found[0]).toFixed(1)} thousand million multiplications a second; error of the fit: median ${(100 * median(errors)).toFixed(0)} %, largest ${(100 * Math.max(...errors)).toFixed(0)} %`,
  );
  for (const [name, all] of Object.entries(judged)) {
    const within = all.filter((loss) => loss <= 0.05).length;
    const mean = all.reduce((sum, loss) => sum + loss, 0) / all.length;
    console.log(
      `${name}: within 5 % of the best tile for ${within} of ${all.length} layers, mean loss ${(100 * mean).toFixed(1)} %, largest ${(100 * Math.max(...all)).toFixed(0)} %`,
    );
  }
}
