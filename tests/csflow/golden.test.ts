import { afterAll, describe, expect, it } from 'vitest';
import {
  anomalyScore,
  csFlow,
  negativeLogLikelihood,
  parameterSpecs,
  scaleMaps,
  toLatents,
} from '#csflow/csflow/index.js';
import {
  gradients,
  input,
  lower,
  permutations,
  transpose,
  writeOnnx,
  type Layout,
  type Node,
} from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf, type Feeds } from '#csflow/runtime/session.js';
import { biasCorrections, defaultAdam, totalNorm } from '#csflow/training/adam.js';
import { packParameters, unpackParameters } from '#csflow/training/parameter-buffer.js';
import {
  featureInputs,
  stateBuffers,
  trainingStep,
  writeTrainingStep,
} from '#csflow/training/training-step.js';
import { floatTensor } from '#csflow/tensor/tensor.js';
import {
  goldenCase,
  hasSharedCase,
  largestDifference,
  publishedName,
  relativeDifference,
  type GoldenCase,
} from './golden-case.js';

const device = createLocalDevice();
afterAll(() => device.close());

const cases = ['base', 'nonsquare', 'oddchannels', 'nogamma', 'noclamp', 'kernel1', 'large_inputs'];

const featureFeeds = ({ features }: GoldenCase): Feeds =>
  Object.fromEntries(features.map((tensor, s) => [`x${s}`, tensor]));

/** Everything the forward and backward passes give, as one program. */
async function runFlow(golden: GoldenCase, layout: Layout) {
  const { configuration, batch, parameters } = golden;
  const specs = parameterSpecs(configuration);
  const nodes = new Map(specs.map(({ name, dims }) => [name, input(name, dims)]));
  const spaceMajor = layout === 'HWNC';
  const inLayout = (name: string): Node => {
    const node = nodes.get(name)!;
    return spaceMajor && node.type.dims.length === 4 ? transpose(node, permutations.weightsToHwio) : node;
  };
  const features = featureInputs(configuration, batch);
  const flow = csFlow(configuration, inLayout, layout);
  const latents = toLatents(
    flow,
    spaceMajor ? features.map((x) => transpose(x, permutations.toHwnc)) : features,
  );
  const loss = negativeLogLikelihood(latents, configuration, batch, layout);
  const z = spaceMajor ? latents.z.map((x) => transpose(x, permutations.toNchw)) : latents.z;
  const found = gradients(loss, [...nodes.values()]);
  const program: Record<string, Node> = {
    loss,
    score: anomalyScore(z, configuration),
    grad_norm: totalNorm(found),
  };
  z.forEach((part, s) => (program[`z${s}`] = part));
  latents.logDets.forEach((logDet, s) => (program[`jac${s}`] = logDet));
  scaleMaps(z, configuration).forEach((map, s) => (program[`map${s}`] = map));
  specs.forEach(({ name }, i) => (program[`grad.${publishedName(name)}`] = found[i]!));
  const session = await device.compile(writeOnnx(lower(program)));
  const weights = specs.map(({ name, dims }) => [name, floatTensor(dims, parameters.get(name)!)] as const);
  const results = await session.run({ ...featureFeeds(golden), ...Object.fromEntries(weights) });
  await session.close();
  return results;
}

/** Training steps of the paper's recipe on the case's one batch; the loss before each step. */
async function runSteps(golden: GoldenCase, steps: number, layout: Layout) {
  const step = trainingStep(golden.configuration, golden.batch, { layout });
  const start = packParameters(step.layout, golden.parameters);
  for (const name of stateBuffers)
    await device.createBuffer(name, name === 'parameters' ? start : start.length);
  const session = await device.compile(writeTrainingStep(step), step.bindings);
  const losses: number[] = [];
  for (let i = 1; i <= steps; i++) {
    const { stepSize, secondMomentCorrection } = biasCorrections(i, 2e-4, defaultAdam);
    const results = await session.run({
      ...featureFeeds(golden),
      stepSize: floatTensor([], [stepSize]),
      secondMomentCorrection: floatTensor([], [secondMomentCorrection]),
    });
    losses.push(valuesOf(results, 'loss', 'float32')[0]);
  }
  await session.close();
  return { losses, after: unpackParameters(step.layout, await device.readBuffer('parameters')) };
}

/** NCHW is computed by direct convolution, HWNC by Winograd products. */
const layouts = ['NCHW', 'HWNC'] as const;

function describeCase(name: string, layout: Layout): void {
  const golden = goldenCase(name);
  const gradientNames = [...golden.file.tensors.keys()].filter((key) => key.startsWith('grad.'));

  it('z, log-det, loss, score and maps', async () => {
    const results = await runFlow(golden, layout);
    for (const key of ['z0', 'z1', 'z2', 'jac0', 'jac1', 'jac2', 'loss', 'score', 'map0', 'map1', 'map2']) {
      const difference = relativeDifference(valuesOf(results, key, 'float32'), golden.values(key)!);
      expect(difference, key).toBeLessThanOrEqual(largestDifference(name, layout));
    }
  });

  it('gradients and their total norm', async () => {
    const results = await runFlow(golden, layout);
    for (const key of ['grad_norm', ...gradientNames]) {
      const difference = relativeDifference(valuesOf(results, key, 'float32'), golden.values(key)!);
      expect(difference, key).toBeLessThanOrEqual(name === 'clamped' ? 1e-2 : 1e-3);
    }
  });

  it('the loss curve', async () => {
    const curve = golden.values('loss_curve')!;
    const { losses } = await runSteps(golden, curve.length, layout);
    expect(relativeDifference(losses, curve)).toBeLessThanOrEqual(1e-4);
  });

  // The large cases hold neither gradients nor steps.
  if (gradientNames.length === 0) return;

  it('holds every gradient', () => {
    expect(gradientNames).toHaveLength(parameterSpecs(golden.configuration).length);
  });

  it('the displacement of one clipped Adam step', async () => {
    const { after } = await runSteps(golden, 1, layout);
    for (const [parameter, values] of golden.parameters) {
      const expected = golden.values(`after_step.${publishedName(parameter)}`)!;
      const difference = relativeDifference(
        after.get(parameter)!.map((value, i) => value - values[i]),
        expected.map((value, i) => value - values[i]),
      );
      expect(difference, parameter).toBeLessThanOrEqual(1e-2);
    }
  });
}

for (const layout of layouts) {
  describe.each(cases)(`golden case %s in ${layout}: as the published code`, (name) =>
    describeCase(name, layout),
  );
  describe.each(['wide', 'clamped', 'real_features'])(
    `golden case %s in ${layout} (needs ../shared)`,
    (name) => {
      if (hasSharedCase(name)) describeCase(name, layout);
      else it.skip('is not there', () => undefined);
    },
  );
}

it('large_inputs is the case whose gradients are clipped', () => {
  expect(goldenCase('large_inputs').values('grad_norm')![0]).toBeGreaterThan(1);
  expect(goldenCase('base').values('grad_norm')![0]).toBeLessThan(1);
});
