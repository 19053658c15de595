// How far each way to compute a convolution is from the double-precision evaluator, on drawn data: each tile of each
// kernel and stride, and kn2row; then a whole flow by each, as the lowering chooses, and with the largest tiles of at
// most so many products an axis.
//   node bench/lowering-accuracy.mjs [--json]
// Run `npm run build` first. An error is the largest difference divided by the largest value.
import { parseArgs } from 'node:util';
import {
  arrangeFeatures,
  csFlow,
  negativeLogLikelihood,
  parameterSpecs,
  toLatents,
} from '../dist/csflow/index.js';
import * as g from '../dist/graph/index.js';
import { largestTile } from '../dist/graph/lowering/axis-tiling.js';
import { largestTransform, possibleTransform } from '../dist/graph/lowering/winograd-matrices.js';
import { median } from '../dist/bench/statistics.js';
import { createLocalDevice } from '../dist/runtime/local-device.node.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';
import { elementCount } from '../dist/tensor/tensor.js';
import { featureInputs } from '../dist/training/index.js';
import { layoutParameters } from '../dist/training/parameter-buffer.js';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
/** What the golden values allow of z, loss and scores in HWNC, and of gradients (tests/csflow/golden.test.ts). */
const golden = { values: 1e-5, gradients: 1e-3 };
const device = createLocalDevice({ threads: 1 });

function draw(dims, random, value = () => random.normal()) {
  return { dims, data: Float32Array.from({ length: elementCount(dims) }, value) };
}

function relativeError(found, expected) {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return difference / largest;
}

/** What the evaluator makes of a program; the same feeds go to every lowering. */
const exactly = (program, feeds) =>
  g.evaluate(
    program,
    Object.fromEntries(
      Object.entries(feeds).map(([name, { dims, data }]) => [name, { dims, data: Float64Array.from(data) }]),
    ),
  );

async function errorsOf(program, feeds, expected, convolution) {
  const session = await device.compile(g.writeOnnx(g.lower(program, { convolution })));
  const named = Object.entries(feeds).map(([name, tensor]) => [name, { dtype: 'float32', ...tensor }]);
  const found = await session.run(Object.fromEntries(named));
  await session.close();
  return Object.fromEntries(
    Object.entries(expected).map(([name, { data }]) => [name, relativeError(found[name].data, data)]),
  );
}

/** A convolution with its gradients; tiles of 5 and 7 do not divide its map. */
function layer(taps, stride, random) {
  const pad = Math.floor(taps / 2);
  const geometry = { strides: [stride, stride], pads: [pad, pad, pad, pad], groups: 1, layout: 'HWNC' };
  const x = g.input('x', [24, 24, 1, 64]);
  const w = g.input('w', [taps, taps, 64, 48]);
  const y = g.conv(x, w, undefined, geometry);
  const dy = g.input('dy', y.type.dims);
  const program = {
    y,
    dx: g.convInputGradient(dy, w, geometry, x.type.dims),
    dw: g.convWeightGradient(x, dy, geometry, w.type.dims),
  };
  const feeds = Object.fromEntries(
    [x, w, dy].map((node) => [node.attributes.name, draw(node.type.dims, random)]),
  );
  return { program, feeds };
}

async function layerRows(taps, stride) {
  const axis = { length: 24, outputLength: 24 / stride, taps, stride, before: Math.floor(taps / 2) };
  const { program, feeds } = layer(taps, stride, new NumpyRandom(taps));
  const expected = exactly(program, feeds);
  const tiles = Array.from({ length: largestTile(axis, possibleTransform) }, (_, i) => i + 1);
  const rows = [];
  for (const tile of ['direct', 'kn2row'])
    rows.push({ taps, stride, tile, ...(await errorsOf(program, feeds, expected, tile)) });
  for (const tile of tiles) {
    const errors = await errorsOf(program, feeds, expected, { winograd: [tile, tile] });
    rows.push({ taps, stride, tile, chosen: tile <= largestTile(axis, largestTransform), ...errors });
  }
  return rows;
}

/** A flow of four blocks without gamma, whose errors add up from block to block; z and the worst of all gradients. */
async function flowRows(seed) {
  const configuration = {
    channels: 16,
    mapSize: [24, 24],
    hidden: 24,
    kernels: [3, 3, 3, 5],
    clamp: 3,
    gamma: false,
  };
  const random = new NumpyRandom(seed);
  const specs = parameterSpecs(configuration);
  const parameters = layoutParameters(specs, 'HWNC').slices.map(({ name, dims }) => g.input(name, dims));
  const byName = new Map(parameters.map((node) => [node.attributes.name, node]));
  const inputs = featureInputs(configuration, 1);
  const inside = arrangeFeatures(inputs, configuration).map((x) => g.transpose(x, g.permutations.toHwnc));
  const latents = toLatents(
    csFlow(configuration, (name) => byName.get(name), 'HWNC'),
    inside,
  );
  const loss = negativeLogLikelihood(latents, configuration, 1, 'HWNC');
  const gradients = g.gradients(loss, parameters).map((node, i) => [`gradient of ${specs[i].name}`, node]);
  const program = { loss, ...Object.fromEntries([...latents.z.map((z, s) => [`z${s}`, z]), ...gradients]) };
  const feeds = Object.fromEntries([
    ...inputs.map((node) => [node.attributes.name, draw(node.type.dims, random)]),
    ...parameters.map((node, i) => {
      const bound = 1 / Math.sqrt(specs[i].fanIn);
      return [node.attributes.name, draw(node.type.dims, random, () => bound * (2 * random.uniform() - 1))];
    }),
  ]);
  const expected = exactly(program, feeds);
  const worst = (errors, start) =>
    Math.max(...Object.entries(errors).map(([name, error]) => (name.startsWith(start) ? error : 0)));
  const rowOf = async (products, convolution) => {
    const errors = await errorsOf(program, feeds, expected, convolution);
    return {
      products,
      values: Math.max(worst(errors, 'z'), errors.loss),
      gradients: worst(errors, 'gradient'),
    };
  };
  const rows = [
    await rowOf('direct', 'direct'),
    await rowOf('kn2row', 'kn2row'),
    await rowOf('chosen', 'cheapest'),
  ];
  for (let products = 3; products <= possibleTransform; products++) {
    const tile = (axis) => Math.min(axis.outputLength, largestTile(axis, products));
    rows.push(await rowOf(products, ({ down, across }) => ({ winograd: [tile(down), tile(across)] })));
  }
  return rows;
}

const layers = [];
for (const taps of [1, 3, 5, 7]) for (const stride of [1, 2]) layers.push(...(await layerRows(taps, stride)));
const drawn = [];
for (let seed = 1; seed <= 5; seed++) drawn.push(await flowRows(seed));
/** Gradients jump where a value so near 0 that its sign is lost meets a LeakyReLU: so both the median and the largest. */
const flows = drawn[0].map(({ products }, i) => {
  const of = (name) => drawn.map((rows) => rows[i][name]);
  return {
    products,
    values: { median: median(of('values')), largest: Math.max(...of('values')) },
    gradients: { median: median(of('gradients')), largest: Math.max(...of('gradients')) },
  };
});
await device.close();

const scientific = (error) => error.toExponential(1);
if (flags.json) console.log(JSON.stringify({ golden, largestTransform, layers, flows }));
else {
  console.log('kernel  stride  tile    y        dx       dw');
  for (const { taps, stride, tile, chosen = true, y, dx, dw } of layers)
    console.log(
      `${taps}×${taps}     ${stride}       ${String(tile).padEnd(6)}  ${[y, dx, dw].map(scientific).join('  ')}` +
        (chosen ? '' : '  never chosen'),
    );
  console.log(
    `\nof ${drawn.length} flows: products an axis; z and loss, median and largest (bound ${golden.values}); gradients (bound ${golden.gradients})`,
  );
  for (const { products, values, gradients } of flows) {
    const past = values.largest > golden.values || gradients.largest > golden.gradients;
    const figures = [values.median, values.largest, gradients.median, gradients.largest].map(scientific);
    console.log(`${String(products).padEnd(8)}${figures.join('  ')}${past ? '  past a bound' : ''}`);
  }
}
