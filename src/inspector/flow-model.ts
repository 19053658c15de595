import { branchesOf, latentDimensions, mapSizeAt, scales } from '../csflow/index.js';
import { UsageError } from '../errors.js';
import { lower, writeOnnx, type Node } from '../graph/index.js';
import { valuesOf, type Device, type Feeds } from '../runtime/session.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { elementCount, type FloatTensor } from '../tensor/tensor.js';
import { featureInputs } from '../training/index.js';
import { featuresOf, latentsOf, type TrainedFlow } from './trained-flow.js';

/** Three maps [N, C, H/2ˢ, W/2ˢ], s = 0, 1, 2: features or latents. */
export type Maps = readonly FloatTensor[];

export interface SampleOptions {
  /** Deviation of the latents that are drawn; below 1 the samples stay nearer to the typical. Default 1. */
  readonly temperature?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** A trained flow as what it is: a density over feature maps, exact in both directions. */
export interface FlowModel {
  /** z of each scale. */
  toLatents(features: Maps): Promise<Maps>;
  /** The features whose latents these are; undoes `toLatents` wherever that was not cut to ±1e6. */
  toFeatures(latents: Maps): Promise<Maps>;
  /** log p(x) of each sample, in nats: the normal's −½‖z‖² − D/2 · log 2π plus the log-det, input transform included. */
  logProb(features: Maps): Promise<Float64Array>;
  /** −log₂ p(x) / D of each sample. */
  bitsPerDimension(features: Maps): Promise<Float64Array>;
  /** n feature maps drawn from the flow. */
  sample(n: number, options?: SampleOptions): Promise<Maps>;
  close(): Promise<void>;
}

/**
 * Compiles both directions of a flow; close it when done.
 * @throws UsageError for an ablation that does not keep the three scales as they are
 */
export async function openFlowModel(flow: TrainedFlow, device: Device): Promise<FlowModel> {
  const { configuration } = flow;
  if (branchesOf(configuration).length !== scales) {
    throw new UsageError(
      'flow: expected one over all three scales, got an ablation that reads or joins fewer',
    );
  }
  const dimensions = latentDimensions(configuration);
  const forward = await device.compile(writeOnnx(lower(forwardProgram(flow)), { name: 'forward' }));
  const backward = await device.compile(writeOnnx(lower(backwardProgram(flow)), { name: 'inverse' }));
  const named = (maps: Maps): Feeds => Object.fromEntries(maps.map((map, s) => [`x${s}`, map]));
  const mapsOf = (results: Feeds): Maps =>
    Array.from({ length: scales }, (_, s) => ({
      dtype: 'float32',
      dims: results[`out${s}`].dims,
      data: valuesOf(results, `out${s}`, 'float32'),
    }));
  const logProb = async (features: Maps): Promise<Float64Array> => {
    const results = await forward.run(named(features));
    const z = mapsOf(results);
    const logDet = valuesOf(results, 'log_det', 'float32');
    return Float64Array.from(logDet, (value, i) => value + normalLogDensity(z, i));
  };
  const toFeatures = async (latents: Maps): Promise<Maps> => mapsOf(await backward.run(named(latents)));
  return {
    toLatents: async (features) => mapsOf(await forward.run(named(features))),
    toFeatures,
    logProb,
    bitsPerDimension: async (features) => {
      const nats = await logProb(features);
      return nats.map((value) => -value / (dimensions * Math.LN2));
    },
    sample(n, { temperature = 1, seed = 0 } = {}) {
      const random = new NumpyRandom(seed);
      const latents = Array.from({ length: scales }, (_, s): FloatTensor => {
        const dims = [n, configuration.channels, ...mapSizeAt(configuration, s)];
        const data = Float32Array.from({ length: elementCount(dims) }, () => temperature * random.normal());
        return { dtype: 'float32', dims, data };
      });
      return toFeatures(latents);
    },
    async close() {
      await forward.close();
      await backward.close();
    },
  };
}

/** log N(z; 0, I) of one sample: −½‖z‖² − D/2 · log 2π, summed in double precision. */
function normalLogDensity(z: Maps, sample: number): number {
  let squares = 0;
  let dimensions = 0;
  for (const { dims, data } of z) {
    const perSample = data.length / dims[0];
    dimensions += perSample;
    for (let i = sample * perSample; i < (sample + 1) * perSample; i++) squares += data[i] * data[i];
  }
  return -squares / 2 - (dimensions / 2) * Math.log(2 * Math.PI);
}

function forwardProgram(flow: TrainedFlow): Record<string, Node> {
  const { z, logDet } = latentsOf(featureInputs(flow.configuration, 'N'), flow);
  return { out0: z[0], out1: z[1], out2: z[2], log_det: logDet };
}

function backwardProgram(flow: TrainedFlow): Record<string, Node> {
  const [x0, x1, x2] = featuresOf(featureInputs(flow.configuration, 'N'), flow);
  return { out0: x0, out1: x1, out2: x2 };
}
