import { afterAll, describe, expect, it } from 'vitest';
import {
  initialParameters,
  parameterSpecs,
  type FlowConfiguration,
  type ParameterValues,
} from '#csflow/csflow/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { floatTensor } from '#csflow/tensor/tensor.js';
import { feedsOf, trainFlow, recipeNamed } from '#csflow/training/index.js';
import { packParameters } from '#csflow/training/parameter-buffer.js';
import { stateBuffers, trainingStep, writeTrainingStep } from '#csflow/training/training-step.js';
import { drawnFeatures, smallConfiguration } from '../training/drawn-features.js';

const device = createLocalDevice();
afterAll(() => device.close());

const count = (configuration: FlowConfiguration): number =>
  parameterSpecs(configuration).reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
/** Values of one convolution with its bias. */
const layer = (inputs: number, outputs: number, kernel: number): number =>
  outputs * (inputs * kernel ** 2 + 1);

/** Weights in which no gamma is 0, so that every layer counts. */
function weights(configuration: FlowConfiguration): ParameterValues {
  return new Map(
    [...initialParameters(configuration, 1)].map(([name, values]) => [
      name,
      name.includes('gamma') ? values.map(() => 0.3) : values,
    ]),
  );
}

async function lossOf(configuration: FlowConfiguration, parameters: ParameterValues): Promise<number> {
  const features = drawnFeatures(4);
  const step = trainingStep(configuration, 4);
  const flat = packParameters(step.layout, parameters);
  for (const name of stateBuffers)
    await device.createBuffer(name, name === 'parameters' ? flat : flat.length);
  const session = await device.compile(writeTrainingStep(step), step.bindings);
  const scalars = { stepSize: floatTensor([], [1e-3]), secondMomentCorrection: floatTensor([], [1]) };
  const results = await session.run({ ...feedsOf(features, [0, 1, 2, 3], session.inputNames), ...scalars });
  await session.close();
  return valuesOf(results, 'loss', 'float32')[0];
}

describe('ablations of the scales', () => {
  const [c, h, kernels] = [6, 8, [3, 5]];

  it('one scale has one convolution in and one out', () => {
    const alone = { ...smallConfiguration, usedScales: [1] };
    const expected = kernels.reduce((sum, k) => sum + 2 * (layer(c / 2, h, k) + layer(h, c, k) + 1), 0);
    expect(count(alone)).toBe(expected);
    expect(parameterSpecs(alone).every(({ name }) => /gamma1|conv_scale1/.test(name))).toBe(true);
  });

  it('without cross-connections the three scales have no up and down convolutions', () => {
    const none = { ...smallConfiguration, cross: 'none' } as const;
    const expected = kernels.reduce((sum, k) => sum + 6 * (layer(c / 2, h, k) + layer(h, c, k) + 1), 0);
    expect(count(none)).toBe(expected);
    expect(parameterSpecs(none).some(({ name }) => /up_conv|down_conv/.test(name))).toBe(false);
    expect(count(smallConfiguration)).toBe(
      expected + kernels.reduce((sum, k) => sum + 8 * layer(h, c, k), 0),
    );
  });

  it('concatenated they are one map of three times the channels', () => {
    const joined = { ...smallConfiguration, cross: 'concat' } as const;
    const expected = kernels.reduce(
      (sum, k) => sum + 2 * (layer((3 * c) / 2, h, k) + layer(h, 3 * c, k) + 1),
      0,
    );
    expect(count(joined)).toBe(expected);
  });

  it('the loss without cross-connections is the sum of the losses of three flows of one scale', async () => {
    const none = { ...smallConfiguration, cross: 'none' } as const;
    const parameters = weights(none);
    let sum = 0;
    for (const scale of [0, 1, 2])
      sum += await lossOf({ ...smallConfiguration, usedScales: [scale] }, parameters);
    expect(await lossOf(none, parameters)).toBeCloseTo(sum, 5);
    expect(await lossOf(smallConfiguration, weights(smallConfiguration))).not.toBeCloseTo(sum, 1);
  });

  it.each<[string, Partial<FlowConfiguration>]>([
    ['one scale', { usedScales: [2] }],
    ['two scales', { usedScales: [0, 1] }],
    ['none', { cross: 'none' }],
    ['concat', { cross: 'concat' }],
  ])('%s learns', async (_, change) => {
    const losses: number[] = [];
    await trainFlow(drawnFeatures(8), {
      configuration: { ...smallConfiguration, ...change },
      recipe: { ...recipeNamed('default'), batch: 8 },
      epochs: 60,
      seed: 1,
      device,
      onEvent: (event) => event.kind === 'step' && losses.push(event.loss),
    });
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.2);
  });
});
