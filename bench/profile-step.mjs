// Where the time of a training step goes: kernels of ONNX Runtime by purpose and by kind of operation, on one thread.
//   node bench/profile-step.mjs --shape C,HxW,hidden,batch [--steps 5] [--threads 1] [--json]
// Run `npm run build` first. The session is the trainer's own, with ONNX Runtime's profile switched on, which makes the
// step somewhat slower; a kernel counts with its median over the steps, two that warm up aside.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { InferenceSession } from 'onnxruntime-node';
import { configurationOf } from '../dist/bench/rows.js';
import { median } from '../dist/bench/statistics.js';
import { benchShape } from '../dist/cli/parse.js';
import { createLocalDevice } from '../dist/runtime/local-device.node.js';
import { openTrialStep } from '../dist/training/index.js';

const { values: options } = parseArgs({
  options: {
    shape: { type: 'string', default: '192,12x12,64,16' },
    steps: { type: 'string', default: '5' },
    threads: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const warm = 2;
const shape = benchShape(options.shape);

/** Ops that only move values, or tell shapes. */
const moves = [
  'Gather',
  'GatherElements',
  'Slice',
  'Concat',
  'Split',
  'Expand',
  'Identity',
  'Pad',
  'Unsqueeze',
];
const shapes = ['Reshape', 'Transpose', 'Concat', 'Identity', 'Unsqueeze', 'Squeeze', 'Flatten'];
const state = /^(parameters|firstMoment|secondMoment)\.\d+$|^(stepSize|secondMomentCorrection)$/;

/** What each node of the graph is for, by its output. */
function purposesOf({ node: nodes, initializer, input }) {
  const constants = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  const inputs = new Set(input.map(({ name }) => name));
  const maker = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node])));
  const isConstant = (name) => constants.has(name);
  const isParameter = (name) => inputs.has(name) && !/^[xw]\d$/.test(name) && !state.test(name);

  /** Whether a value is made of parameters alone, by ops that only arrange it. */
  const ofParameters = remembered((name) => {
    if (isParameter(name)) return true;
    const node = maker.get(name);
    if (node === undefined || !shapes.includes(node.opType)) return false;
    const read = node.opType === 'Concat' ? node.input : node.input.slice(0, 1);
    return read.every(ofParameters);
  });
  /** Whether a value depends on Adam's state or on the gradients' norm. */
  const ofUpdate = remembered((name) => {
    if (state.test(name) || name === 'gradientNorm') return true;
    return maker.get(name)?.input.some(ofUpdate) ?? false;
  });
  const productOf = ({ opType, input: [a, b] }) => opType === 'MatMul' && isConstant(a) && b;
  const kernelConstants = nodes.filter((node) => productOf(node) && ofParameters(productOf(node)));
  const kernels = new Set(kernelConstants.map(({ input: [a] }) => digest(constants.get(a), false)));
  const isKernelGradient = ({ input: [a] }) => kernels.has(digest(constants.get(a), true));

  return new Map(nodes.map((node) => [node.output[0], purposeOf(node)]));

  function purposeOf(node) {
    const { opType, output } = node;
    if (output.some(ofUpdate)) return 'clipping and Adam';
    if (productOf(node)) {
      if (ofParameters(productOf(node)) || isKernelGradient(node)) return 'kernel transforms';
      return 'input and output transforms';
    }
    return purposeOfOp(opType);
  }
}

/** What an op is for where nothing else tells: of those that ONNX Runtime has made out of several, too. */
function purposeOfOp(op) {
  if (/MatMul|Gemm|Conv/.test(op)) return 'products';
  if (op === 'Transpose') return 'transposes';
  if (moves.includes(op)) return 'gathers, slices, joins';
  if (/^Reduce/.test(op)) return 'sums';
  if (/^(Reshape|Shape|MemcpyToHost|Sequence.*)$/.test(op)) return 'shapes';
  return 'element-wise';
}

function remembered(tell) {
  const known = new Map();
  return (name) => {
    if (!known.has(name)) known.set(name, tell(name));
    return known.get(name);
  };
}

/** A matrix, or its transpose, as text; a 1 before its sides does not count. */
function digest({ dims, rawData, floatData }, turned) {
  const [rows, columns] = dims.slice(-2).map(Number);
  const bytes = rawData?.slice();
  const values = bytes?.length ? new Float32Array(bytes.buffer) : floatData;
  const at = (i) => (turned ? values[(i % rows) * columns + Math.floor(i / rows)] : values[i]);
  const sides = turned ? [columns, rows] : [rows, columns];
  return `${sides.join()}:${Array.from({ length: rows * columns }, (_, i) => at(i)).join()}`;
}

const folder = mkdtempSync(join(tmpdir(), 'csflow-profile-'));
const create = InferenceSession.create.bind(InferenceSession);
let native;
let purposes;
// The trainer's device compiles the step: with its settings, and each node named by its output.
InferenceSession.create = async (bytes, settings) => {
  const model = fromBinary(ModelProtoSchema, bytes);
  purposes = purposesOf(model.graph);
  for (const node of model.graph.node) node.name = node.output[0];
  native = await create(toBinary(ModelProtoSchema, model), {
    ...settings,
    enableProfiling: true,
    profileFilePrefix: join(folder, 'step'),
  });
  return native;
};
const device = createLocalDevice({ threads: Number(options.threads) });
const step = await openTrialStep(configurationOf(shape), shape.batch, device);
const seconds = [];
for (let i = 0; i < warm + Number(options.steps); i++) {
  const start = performance.now();
  await step.run();
  seconds.push((performance.now() - start) / 1000);
}
native.endProfiling();
const [file] = readdirSync(folder);
const events = JSON.parse(readFileSync(join(folder, file), 'utf8'));
await device.close();
rmSync(folder, { recursive: true });

/** Microseconds of each kernel, a run after the other. */
const kernels = new Map();
for (const { cat, name, dur, args } of events) {
  if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
  const node = name.slice(0, -'_kernel_time'.length);
  const kernel = kernels.get(node) ?? { op: args.op_name, runs: [] };
  kernel.runs.push(dur);
  kernels.set(node, kernel);
}
const timed = [...kernels].map(([node, { op, runs }]) => ({
  purpose: purposes.get(node) ?? purposeOfOp(op),
  op,
  ms: median(runs.slice(warm)) / 1e3,
}));
const total = timed.reduce((sum, { ms }) => sum + ms, 0);

function groupedBy(key) {
  const groups = new Map();
  for (const kernel of timed) {
    const group = groups.get(kernel[key]) ?? { name: kernel[key], nodes: 0, ms: 0 };
    groups.set(kernel[key], { ...group, nodes: group.nodes + 1, ms: group.ms + kernel.ms });
  }
  return [...groups.values()]
    .map((group) => ({ ...group, share: group.ms / total }))
    .sort((a, b) => b.ms - a.ms);
}
const report = {
  shape: options.shape,
  threads: Number(options.threads),
  step_ms: 1e3 * median(seconds.slice(warm)),
  kernels_ms: total,
  by_purpose: groupedBy('purpose'),
  by_op: groupedBy('op'),
};
if (options.json) console.log(JSON.stringify(report));
else {
  const { step_ms, kernels_ms } = report;
  console.log(
    `C,map,hidden,batch ${options.shape}, ${options.threads} thread(s): a step ${step_ms.toFixed(0)} ms, its kernels ${kernels_ms.toFixed(0)} ms`,
  );
  for (const [title, groups] of [
    ['purpose', report.by_purpose],
    ['op', report.by_op],
  ]) {
    console.log(`\n| ${title} | nodes | time | share |\n| --- | --- | --- | --- |`);
    for (const { name, nodes, ms, share } of groups) {
      if (share < 0.002) continue;
      console.log(`| ${name} | ${nodes} | ${ms.toFixed(1)} ms | ${(100 * share).toFixed(1)} % |`);
    }
  }
}
