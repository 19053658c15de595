import { afterAll, describe, expect, it } from 'vitest';
import { anomalyScore, frozenLatents, inferenceLayout, scaleMaps } from '#csflow/csflow/index.js';
import { lower, writeOnnx, type Layout, type LoweringOptions, type Node } from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { featureInputs } from '#csflow/training/training-step.js';
import { goldenCase, hasSharedCase, relativeDifference } from './golden-case.js';

const device = createLocalDevice();
afterAll(() => device.close());

const cases = ['base', 'nonsquare', 'oddchannels', 'nogamma', 'noclamp', 'kernel1', 'large_inputs'];
const sharedCases = ['wide', 'clamped', 'real_features'];

/** Values far from 1 lose digits in any order of summation, and more in Winograd's. */
const farFromOne = ['large_inputs', 'clamped'];

const ways: readonly { readonly layout: Layout; readonly options: LoweringOptions }[] = [
  { layout: 'NCHW', options: { convolution: 'direct' } },
  { layout: 'HWNC', options: { convolution: 'direct' } },
  { layout: 'HWNC', options: { convolution: 'winograd' } },
];

describe.each(ways)('a frozen flow in $layout, lowered $options.convolution', (way) => {
  const asPublished = async (name: string): Promise<void> => {
    const golden = goldenCase(name);
    const { configuration, parameters, batch } = golden;
    const features = featureInputs(configuration, way.layout === 'NCHW' ? 'N' : batch);
    const z = frozenLatents(configuration, parameters, features, way.layout);
    const program: Record<string, Node> = { score: anomalyScore(z, configuration) };
    z.forEach((part, s) => (program[`z${s}`] = part));
    scaleMaps(z, configuration).forEach((map, s) => (program[`map${s}`] = map));
    const session = await device.compile(writeOnnx(lower(program, way.options)));
    const results = await session.run(
      Object.fromEntries(golden.features.map((tensor, s) => [`x${s}`, tensor])),
    );
    await session.close();
    const bound = farFromOne.includes(name) ? 1e-3 : way.options.convolution === 'direct' ? 1e-5 : 1e-4;
    for (const output of Object.keys(program)) {
      const expected = golden.values(output);
      if (expected === undefined) continue;
      const difference = relativeDifference(valuesOf(results, output, 'float32'), expected);
      expect(difference, output).toBeLessThanOrEqual(bound);
    }
  };
  it.each(cases)('gives what the published code gives: %s', asPublished);
  for (const name of sharedCases) {
    it.skipIf(!hasSharedCase(name))(`gives what the published code gives: ${name} (needs ../shared)`, () =>
      asPublished(name),
    );
  }
});

it('a frozen flow names a parameter that is missing', () => {
  const { configuration, parameters } = goldenCase('nogamma');
  const rest = new Map([...parameters].slice(1));
  expect(() => frozenLatents(configuration, rest, featureInputs(configuration, 1), 'NCHW')).toThrow(
    'parameter blocks.0.s1.conv_scale0_0.weight: expected',
  );
});

it('a flow computes directly where few positions meet its kernels', () => {
  const { configuration } = goldenCase('nogamma');
  const maps = { ...configuration, mapSize: [8, 8] } as const;
  expect([1, 3, 4, 16].map((batch) => inferenceLayout(maps, batch))).toEqual([
    'NCHW',
    'NCHW',
    'HWNC',
    'HWNC',
  ]);
});
