import { input, lower, writeOnnx, type Node } from '../graph/index.js';
import { valuesOf, type Device, type Feeds, type Results } from '../runtime/session.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { elementCount, type FloatTensor } from '../tensor/tensor.js';
import { total } from './base-distribution.js';
import type { InvertibleModule } from './invertible.js';

export interface SampleOptions {
  /** Deviation of the latents that are drawn; below 1 the samples stay nearer to the typical. Default 1. */
  readonly temperature?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** A flow with a standard normal base, compiled in both directions. A batch is one tensor [N, …] a branch. */
export interface Density {
  /** z of each branch. */
  toLatents(batch: readonly FloatTensor[]): Promise<readonly FloatTensor[]>;
  /**
   * The values whose latents these are; undoes `toLatents` as far as float32 carries: factors far from 1, of a flow
   * with large log-dets, cost digits.
   */
  fromLatents(latents: readonly FloatTensor[]): Promise<readonly FloatTensor[]>;
  /** log p(x) of each sample, in nats: −½‖z‖² − D/2 · log 2π + log |det J|. */
  logProb(batch: readonly FloatTensor[]): Promise<Float64Array>;
  /** −log₂ p(x) / D of each sample. */
  bitsPerDimension(batch: readonly FloatTensor[]): Promise<Float64Array>;
  /** n samples drawn from the flow. */
  sample(n: number, options?: SampleOptions): Promise<readonly FloatTensor[]>;
  close(): Promise<void>;
}

/**
 * Compiles both directions of a flow; close it when done.
 * @param sampleDims sides of one sample in each branch, without the batch
 */
export async function openDensity(
  flow: InvertibleModule,
  sampleDims: readonly (readonly number[])[],
  device: Device,
): Promise<Density> {
  const inputs = (sides: readonly (readonly number[])[]) =>
    sides.map((dims, i) => input(`x${i}`, ['N', ...dims]));
  const there = flow.forward(inputs(sampleDims));
  const latentDims = there.outputs.map(({ type }) => type.dims.slice(1) as readonly number[]);
  const dimensions = latentDims.reduce((sum, dims) => sum + elementCount(dims), 0);
  const known = there.logDets.filter((logDet) => logDet !== undefined);
  const compile = (nodes: readonly Node[], more: Record<string, Node>, name: string) =>
    device.compile(writeOnnx(lower({ ...named('out', nodes), ...more }), { name }));
  const logDetOutput: Record<string, Node> = known.length === 0 ? {} : { log_det: total(known) };
  const forward = await compile(there.outputs, logDetOutput, 'forward');
  const backward = await compile(flow.inverse(inputs(latentDims)).outputs, {}, 'inverse');

  const feeds = (batch: readonly FloatTensor[]): Feeds => named('x', batch);
  const outputs = (results: Results, count: number): readonly FloatTensor[] =>
    Array.from({ length: count }, (_, i) => ({
      dtype: 'float32',
      dims: results[`out${i}`].dims,
      data: valuesOf(results, `out${i}`, 'float32'),
    }));
  const fromLatents = async (latents: readonly FloatTensor[]) =>
    outputs(await backward.run(feeds(latents)), sampleDims.length);
  const logProb = async (batch: readonly FloatTensor[]): Promise<Float64Array> => {
    const results = await forward.run(feeds(batch));
    const z = outputs(results, latentDims.length);
    const logDets = known.length === 0 ? [0] : valuesOf(results, 'log_det', 'float32');
    // One log-det stands for all samples where it is the same for each.
    return Float64Array.from(
      { length: batch[0].dims[0] },
      (_, i) => logDets[logDets.length === 1 ? 0 : i] + normalLogDensity(z, i),
    );
  };
  return {
    toLatents: async (batch) => outputs(await forward.run(feeds(batch)), latentDims.length),
    fromLatents,
    logProb,
    bitsPerDimension: async (batch) => (await logProb(batch)).map((nats) => -nats / (dimensions * Math.LN2)),
    async sample(n, { temperature = 1, seed = 0 } = {}) {
      if (!(temperature >= 0 && Number.isFinite(temperature))) {
        throw new RangeError(`temperature: expected a number from 0, got ${temperature}`);
      }
      const random = new NumpyRandom(seed);
      const latents = latentDims.map((sides): FloatTensor => {
        const dims = [n, ...sides];
        const data = Float32Array.from({ length: elementCount(dims) }, () => temperature * random.normal());
        return { dtype: 'float32', dims, data };
      });
      return fromLatents(latents);
    },
    async close() {
      await forward.close();
      await backward.close();
    },
  };
}

const named = <T>(prefix: string, values: readonly T[]): Record<string, T> =>
  Object.fromEntries(values.map((value, i) => [`${prefix}${i}`, value]));

/** log N(z; 0, I) of one sample: −½‖z‖² − D/2 · log 2π, summed in double precision. */
function normalLogDensity(z: readonly FloatTensor[], sample: number): number {
  let squares = 0;
  let dimensions = 0;
  for (const { dims, data } of z) {
    const perSample = data.length / dims[0];
    dimensions += perSample;
    for (let i = sample * perSample; i < (sample + 1) * perSample; i++) squares += data[i] * data[i];
  }
  return -squares / 2 - (dimensions / 2) * Math.log(2 * Math.PI);
}
