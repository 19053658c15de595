import { expect } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { valuesOf, type Device } from '#csflow/runtime/session.js';
import type { NumpyRandom } from '#csflow/tensor/numpy-random.js';

type Dims = readonly number[];

export const drawn = (random: NumpyRandom, dims: Dims): Float32Array =>
  Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.normal());

/** Holds all results of a lowered program, on drawn inputs, against the evaluator: the worst by the largest value. */
export async function expectAsEvaluated(
  device: Device,
  random: NumpyRandom,
  {
    program,
    lowered,
    inputs,
  }: Record<'program' | 'lowered', g.Program> & {
    readonly inputs: readonly g.NodeOf<'Input'>[];
  },
  bound: number,
): Promise<void> {
  const feeds = inputs.map(({ attributes: { name }, type }) => {
    const dims = type.dims as Dims;
    return [name, { dtype: 'float32', dims, data: drawn(random, dims) }] as const;
  });
  const session = await device.compile(g.writeOnnx(lowered));
  const found = await session.run(Object.fromEntries(feeds));
  await session.close();
  const doubles = feeds.map(([name, { dims, data }]) => [name, { dims, data: Float64Array.from(data) }]);
  const expected = g.evaluate(program, Object.fromEntries(doubles) as Record<string, g.Float64Tensor>);
  for (const [name, { dims, data }] of Object.entries(expected)) {
    expect(found[name].dims, name).toEqual(dims);
    const values = valuesOf(found, name, 'float32');
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(values[i] - value)), 0);
    expect(worst / largest, name).toBeLessThanOrEqual(bound);
  }
}
